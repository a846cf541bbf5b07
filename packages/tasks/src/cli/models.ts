import {Command} from 'commander';
import {table} from '../terminal/table.js';

export const modelsCommand = () =>
  new Command('models')
    .description('list the models that --model takes')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  foveal models\n  foveal models --json')
    .action(async ({json = false}: {json?: boolean}) => {
      const {models} = await import('@foveal/models');
      const rows = Object.entries(models).map(([name, {paper, parameters, preprocess}]) => ({
        name,
        parameters,
        inputSize: preprocess.inputSize,
        color: preprocess.color,
        paper,
      }));
      process.stdout.write(
        json
          ? `${JSON.stringify(rows, null, 2)}\n`
          : table(
              ['model', 'parameters', 'input', 'paper'],
              rows.map(row => [
                row.name,
                row.parameters.toLocaleString('en'),
                `${row.inputSize.join(' × ')} ${row.color}`,
                row.paper,
              ]),
            ),
      );
    });
