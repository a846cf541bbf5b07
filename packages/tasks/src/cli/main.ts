import {Command, CommanderError} from 'commander';
import {doctorCommand} from './doctor.js';
import {evaluateCommand} from './evaluate.js';
import {explainCommand} from './explain.js';
import {infoCommand} from './info.js';
import {modelsCommand} from './models.js';
import {predictCommand} from './predict.js';
import {trainCommand} from './train.js';
import {UsageError} from './usageError.js';
import {version} from './version.js';

/** How a command ends: the exit code of the process. */
export type ExitCode = number;

/**
 * Runs `foveal`. Results go to stdout, everything else to stderr.
 *
 * @param argv - What follows the program's name.
 * @returns 0 if all went well, 1 if something failed, 2 if the command line is wrong, 130 or 143 if interrupted.
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  // A reader that has seen enough (`foveal predict … | head`) is no error.
  process.stdout.off('error', endQuietly).on('error', endQuietly);
  let code: ExitCode = 0;
  const program = new Command('foveal')
    .description('Train, evaluate and batch-run vision models.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print how to use it')
    .helpCommand('help [command]', 'print how to use a command')
    .showHelpAfterError('(--help tells what there is)')
    .addHelpText('after', `\n${examples}`)
    .configureOutput({outputError: (text, write) => write(text.replace(/^error: /, 'foveal: '))})
    .exitOverride();
  for (const make of [
    trainCommand,
    evaluateCommand,
    predictCommand,
    explainCommand,
    doctorCommand,
    infoCommand,
    modelsCommand,
  ]) {
    // A subcommand does not inherit these from its parent when it is added ready-made.
    program.addCommand(make(exit => (code = exit)).copyInheritedSettings(program));
  }
  try {
    await program.parseAsync(argv, {from: 'user'});
    return code;
  } catch (error) {
    return report(error);
  }
}

function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

const examples = `Examples:
  foveal train --model lenet5 --data mnist:data/mnist --epochs 3 --out runs/digits
  foveal eval --checkpoint runs/digits/best.safetensors --data mnist:data/mnist
  foveal predict --checkpoint runs/digits/best.safetensors scans/
  foveal doctor --data voc:BCCD
  foveal train detect --model fasterrcnn --data voc:BCCD --image-size 480 --out runs/cells
  foveal train --help         (of a task: foveal train detect --help)

Exit codes: 0 done; 1 something failed, an image could not be read (the others were
predicted) or doctor found problems; 2 the command line is wrong; 130 and 143 stopped
by SIGINT and SIGTERM. FOVEAL_DEBUG=1 adds stack traces to errors.`;

function report(error: unknown): ExitCode {
  // commander has printed its own messages, help and version among them.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`foveal: ${message}\n`);
  if (process.env['FOVEAL_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (error instanceof Error && error.cause && process.env['FOVEAL_DEBUG'] === '1')
    console.error(error.cause);
  return error instanceof UsageError ? 2 : 1;
}
