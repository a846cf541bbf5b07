import {Argument, Command, Option} from 'commander';
import {allKinds} from '../taskKinds.js';
import {withDataOptions} from './dataOptions.js';
import {dataHelp} from './dataSpec.js';
import {engineOption} from './engineOption.js';
import {listenForInterrupt} from './interrupt.js';
import {kindNamed, kindOptions, kindWords, withKindOptions} from './kindOptions.js';
import {requireOptions} from './requireOptions.js';
import type {TrainCommandOptions} from './runTraining.js';
import {TrainHelp, trainExamples} from './trainHelp.js';
import {nonNegativeNumber, positiveNumber, share, wholeNumber} from './values.js';

export const trainCommand = (exit: (code: number) => void) =>
  withKindOptions(
    withDataOptions(
      Object.assign(new Command('train'), {createHelp: () => new TrainHelp()})
        .description('train a model, or fine-tune one')
        .addArgument(new Argument('[task]', taskHelp))
        .option('--model <name>', 'a model of the task: foveal models lists them')
        .option('--data <spec>', dataHelp)
        .option('--out <folder>', 'where checkpoints, log and curve go')
        .option(
          '--weights <file>',
          'start from these weights; for other categories the last layer starts anew',
        )
        .option('--partial', 'load what fits of --weights, whatever is missing')
        .option('--config <file>', 'settings from a YAML or JSON file: these options in camelCase; flags win')
        .option('--epochs <n>', 'passes over the data (default: 10)', wholeNumber(1))
        .addOption(
          new Option('--steps <n>', 'steps, in place of epochs')
            .argParser(wholeNumber(1))
            .conflicts('epochs'),
        )
        .option('--batch-size <n>', 'images at once', wholeNumber(1), 64)
        .option('--accumulate <n>', 'batches that make one step', wholeNumber(1))
        .option('--learning-rate <x>', "the highest one (default: the optimizer's own)", positiveNumber)
        .option('--optimizer <name>', 'sgd, adam, adamw, rmsprop, adagrad or adadelta', 'sgd')
        .option('--schedule <name>', 'constant, cosine, step, exponential or polynomial', 'cosine')
        .option('--warmup <epochs>', 'epochs of rising learning rate', nonNegativeNumber, 0)
        .option('--weight-decay <x>', 'L2 decay', nonNegativeNumber, 1e-4)
        .option('--clip-norm <x>', 'the largest norm of the gradient', positiveNumber)
        .option('--clip-value <x>', 'the largest size of any value of the gradient', positiveNumber)
        .option(
          '--max-norm <x>',
          "the largest norm of each unit's incoming weights, with dropout e.g. 3",
          positiveNumber,
        )
        .option(
          '--ema <decay>',
          'average the weights over the steps, e.g. 0.999; judge and save the average',
          share,
        )
        .option('--patience <epochs>', 'stop when so many epochs brought nothing better', wholeNumber(1))
        .option(
          '--validation <what>',
          "a share of the data, such as 0.1, or test: the data's own test part",
          '0.1',
        )
        .option('--augment <how>', 'changes of training images', 'none')
        .option('--seed <n>', 'decides everything that is random', wholeNumber(0), 0)
        .addOption(engineOption())
        .option('--save-seconds <x>', 'save at least this often (default: 60)', positiveNumber)
        .option('--log-steps <n>', 'steps between lines of the log', wholeNumber(1))
        .option('--concurrency <n>', 'images decoded at once', wholeNumber(1))
        .option('--resume', 'go on where the run in --out stopped')
        .option('--overwrite', 'replace the run in --out')
        .option('--json', 'print the result as JSON'),
    ),
    'train',
  )
    .addHelpText('after', ({command}) => trainExamples(command))
    .action(async (word: string | undefined, options: TrainCommandOptions, command: Command) => {
      if (options.config !== undefined) {
        const {applyTrainConfig} = await import('./trainConfig.js');
        const settings = applyTrainConfig(command, options.config);
        word ??= settings.task;
      }
      const kind = kindNamed(word ?? kindWords[0]);
      for (const [name, value] of Object.entries(kind.trainDefaults ?? {})) {
        if (command.getOptionValueSource(name) !== 'default' && command.getOptionValue(name) !== undefined)
          continue;
        command.setOptionValueWithSource(name, value, 'default');
      }
      const own = kindOptions(command, 'train', kind);
      requireOptions(command, 'model', 'data', 'out');
      options = command.opts<TrainCommandOptions>();
      const interrupt = listenForInterrupt('stopping after this step; once more to stop at once');
      try {
        const {runTraining} = await import('./runTraining.js');
        await runTraining(kind, own, options, interrupt.signal);
      } finally {
        interrupt.dispose();
      }
      const code = interrupt.exitCode();
      if (code !== undefined) exit(code);
    });

const taskHelp = `what it is to learn: ${allKinds
  .map(({command, about}, i) => `${command}${i === 0 ? ', the default' : ''} (${about})`)
  .join('; ')}`;
