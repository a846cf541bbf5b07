import type {ModelRecord} from '@foveal/models';
import {Command} from 'commander';
import {allKinds} from '../taskKinds.js';
import {table} from '../terminal/table.js';
import {knownName, UsageError} from './usageError.js';
import {wholeNumber} from './values.js';

interface ModelsOptions {
  summary?: boolean;
  imageSize?: number;
  json?: boolean;
  plot?: string;
}

export const modelsCommand = () =>
  new Command('models')
    .description('list the models that --model takes, or the layers of one')
    .argument('[name]', 'a model of any task, or a darknet .cfg, whose layers are listed')
    .option(
      '--summary',
      "of that model: each layer's output size, parameters, multiply-adds and receptive field",
    )
    .option(
      '--image-size <pixels>',
      'with --summary: side of the images (default: what it was made for)',
      wholeNumber(1),
    )
    .option('--json', 'print JSON')
    .option('--plot <file>', 'draw accuracy against multiply-adds and parameters as a PNG')
    .addHelpText(
      'after',
      '\nExamples:\n  foveal models\n  foveal models --json\n  foveal models --plot networks.png\n  foveal models vgg16 --summary\n  foveal models resnet50 --summary --image-size 512 --json\n  foveal models unet --summary\n  foveal models yolov3-tiny --summary',
    )
    .action(async (name: string | undefined, options: ModelsOptions) => {
      const {summary = false, imageSize, json = false, plot} = options;
      if (name !== undefined) {
        if (!summary) throw new UsageError(`foveal models ${name}: add --summary to list its layers.`);
        if (plot !== undefined) throw new UsageError('--plot is for all models: leave the name out.');
        return summarize(name, imageSize, json);
      }
      if (summary || imageSize !== undefined)
        throw new UsageError(
          '--summary and --image-size need the name of a model: foveal models vgg16 --summary.',
        );
      const {models, writeFileAtomically} = await import('@foveal/models');
      const rows = Object.entries(models as Record<string, ModelRecord>).map(
        ([name, {paper, parameters, multiplyAdds, preprocess, weights}]) => ({
          name,
          parameters,
          multiplyAdds,
          inputSize: preprocess.inputSize,
          color: preprocess.color,
          paper,
          weights: weights ?? {},
        }),
      );
      if (plot !== undefined) {
        const {networkChart} = await import('../draw/networkChart.js');
        const points = rows.flatMap(({name, parameters, multiplyAdds, weights}) => {
          const top1 = weights['IMAGENET1K_V1']?.metrics['ImageNet-1K']?.top1;
          return top1 === undefined ? [] : [{name, parameters, multiplyAdds, top1}];
        });
        const picture = await networkChart(points, 'Networks by accuracy and cost');
        await writeFileAtomically(plot, file => file.writeFile(picture));
        process.stderr.write(`${points.length} networks with published accuracy: ${plot}\n`);
      }
      if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else if (plot === undefined) process.stdout.write(`${listing(rows)}\n${await ofOtherKinds()}`);
    });

async function summarize(name: string, imageSize: number | undefined, json: boolean): Promise<void> {
  const {selectEngine} = await import('@foveal/core');
  const {networkSummary, summaryNames} = await import('../explain/networkSummary.js');
  const {summaryText} = await import('./summaryText.js');
  if (!name.endsWith('.cfg')) knownName('model', name, summaryNames());
  // Shapes need no engine, but tfjs wants one to come back to.
  await selectEngine('cpu');
  const summary = await networkSummary(name, imageSize === undefined ? undefined : [imageSize, imageSize]);
  process.stdout.write(
    json ? `${JSON.stringify({name, ...summary}, null, 2)}\n` : summaryText(name, summary),
  );
}

/** The names that other kinds of task take, a line a kind. */
async function ofOtherKinds(): Promise<string> {
  const {models} = await import('@foveal/models');
  const lines = allKinds
    .filter(({command}) => command !== 'classify')
    .map(async kind => {
      const names = await kind.modelNames();
      const above = names.every(name => name in models);
      const left = Object.keys(models).filter(name => !names.includes(name));
      return `foveal train ${kind.command}: ${above ? `all of these but ${left.join(', ')}` : names.join(', ')}\n`;
    });
  return (await Promise.all(lines)).join('');
}

type Row = Pick<ModelRecord, 'parameters' | 'multiplyAdds' | 'paper'> & {
  name: string;
  inputSize: readonly [number, number];
  color: string;
};

const listing = (rows: readonly Row[]) =>
  table(
    ['model', 'parameters', 'multiply-adds', 'input', 'paper'],
    rows.map(({name, parameters, multiplyAdds, inputSize, color, paper}) => [
      name,
      parameters.toLocaleString('en'),
      multiplyAdds < 1e8
        ? `${(multiplyAdds / 1e6).toFixed(multiplyAdds < 1e6 ? 2 : 1)} M`
        : `${(multiplyAdds / 1e9).toFixed(3)} G`,
      `${inputSize.join(' × ')} ${color}`,
      paper,
    ]),
  );
