import {Command} from 'commander';
import {bar, count, duration, percent, plural} from '../terminal/format.js';
import {statusLine} from '../terminal/statusLine.js';
import {table} from '../terminal/table.js';
import {dataHelp, openDataset, parseDataSpec} from './dataSpec.js';
import {engineOption, startEngine} from './engineOption.js';
import {listenForInterrupt} from './interrupt.js';
import {checkModelOptions, type ModelOptions, openTask} from './openTask.js';
import {requireOptions} from './requireOptions.js';
import {knownName} from './usageError.js';
import {wholeNumber} from './values.js';

interface EvaluateOptions extends ModelOptions {
  data: string;
  split: string;
  batchSize: number;
  engine?: string;
  json?: boolean;
}

export const evaluateCommand = (exit: (code: number) => void) =>
  new Command('eval')
    .alias('evaluate')
    .description('measure a model on labelled images')
    .option('--data <spec>', dataHelp)
    .option('--checkpoint <file>', 'a checkpoint of foveal train')
    .option('--model <name>', 'a model, see foveal models; with --weights')
    .option('--weights <file>', 'its weights: .safetensors, .pth or .th')
    .option('--split <name>', 'train or test', 'test')
    .option('--batch-size <n>', 'images at once', wholeNumber(1), 100)
    .addOption(engineOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${examples}`)
    .action(async (options: EvaluateOptions, command: Command) => {
      requireOptions(command, 'data');
      await checkModelOptions(options);
      const spec = parseDataSpec(options.data);
      const split = knownName('split', options.split, ['train', 'test']);
      const interrupt = listenForInterrupt('stopping');
      const line = statusLine();
      try {
        const {evaluate} = await import('../evaluate.js');
        const engine = await startEngine(options.engine);
        const dataset = await openDataset(spec, split);
        const task = await openTask(options, async () => dataset.categories);
        const started = performance.now();
        const metrics = await evaluate(task, dataset, {
          batchSize: options.batchSize,
          signal: interrupt.signal,
          onProgress: (done, total) =>
            line.update(() => {
              const seconds = (performance.now() - started) / 1000;
              const left = (seconds / done) * (total - done);
              return `${bar(done / total)} ${count(done)} of ${count(total)} images · ${count(done / seconds)} images/s · ${duration(left)} left`;
            }),
        });
        line.stop();
        const seconds = (performance.now() - started) / 1000;
        const {top1, top5, loss, images, perClass} = metrics;
        process.stdout.write(
          options.json
            ? `${JSON.stringify({model: task.description.model, data: options.data, engine: engine.name, top1, top5, loss, images, perClass, seconds}, null, 2)}\n`
            : `top-1 ${percent(top1, 2)} · top-5 ${percent(top5, 2)} · loss ${loss.toFixed(4)} · ` +
                `${plural(images, 'image')} in ${duration(seconds)}\n\n` +
                table(
                  ['category', 'images', 'correct', 'top-1'],
                  perClass.map(one => [
                    one.category,
                    count(one.images),
                    count(one.correct),
                    percent(one.top1),
                  ]),
                ),
        );
      } catch (error) {
        const code = interrupt.exitCode();
        if (code === undefined) throw error;
        exit(code);
      } finally {
        line.stop();
        interrupt.dispose();
      }
    });

const examples = `Examples:
  foveal eval --checkpoint runs/digits/best.safetensors --data mnist:data/mnist
  foveal eval --model resnet20 --weights resnet20.th --data cifar10:data/cifar10 --json`;
