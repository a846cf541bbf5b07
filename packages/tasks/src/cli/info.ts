import {Command} from 'commander';

export const infoCommand = () =>
  new Command('info')
    .description('print the engines found here, and why others were passed over')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  foveal info\n  foveal info --json')
    .action(async ({json = false}: {json?: boolean}) => {
      const {engineReport} = await import('@foveal/core');
      const report = await engineReport();
      process.stdout.write(
        json ? `${JSON.stringify(report, null, 2)}\n` : `${JSON.stringify(report, null, 2)}\n`,
      );
    });
