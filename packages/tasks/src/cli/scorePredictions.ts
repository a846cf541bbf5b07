import {mkdir, open, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {CocoMetrics} from '@foveal/data';
import {plural} from '../terminal/format.js';
import {table} from '../terminal/table.js';
import type {DataSpec} from './dataSpec.js';
import {UsageError} from './usageError.js';

/** What overlaps are measured on. */
export type ScoredOn = 'bbox' | 'segm';

export interface ScorePredictionsOptions {
  /** @defaultValue all that the predictions have */
  on?: ScoredOn;
  /** Also writes report.json and the precision–recall curves into this folder. */
  out?: string;
}

/** Scores by what they were measured on; where that is one thing, its numbers stand beside it, too. */
export type PredictionScores = Partial<CocoMetrics> & {on: ScoredOn[]} & {[K in ScoredOn]?: CocoMetrics};

/**
 * Scores predictions that were made elsewhere, in COCO's results format.
 *
 * @throws UsageError if the labels are not in COCO's format.
 */
export async function scorePredictions(
  predictions: string,
  {kind, path}: DataSpec,
  {on, out}: ScorePredictionsOptions,
): Promise<PredictionScores> {
  if (kind !== 'coco')
    throw new UsageError(
      `--predictions are scored against labels in COCO's format: --data coco:FILE, got ${kind}:${path}.`,
    );
  const {cocoEval, readCocoResults, readCocoTruths} = await import('@foveal/data');
  const kinds = on ? [on] : await kindsIn(predictions);
  const scores: PredictionScores = {on: kinds};
  if (out !== undefined) await mkdir(out, {recursive: true});
  for (const one of kinds) {
    const labels = await readCocoTruths(path, {on: one});
    const results = await readCocoResults(predictions, labels, {on: one});
    process.stderr.write(
      `${one}: ${plural(results.length, 'prediction')}, ${plural(labels.truths.length, 'object')} in ` +
        `${plural(labels.images.size, 'image')}\n`,
    );
    scores[one] = cocoEval(labels.truths, results, {on: one, categories: labels.categories});
    if (out !== undefined) {
      const {detectionCurves} = await import('../draw/detectionCurves.js');
      const file = `precision-recall${{bbox: '', segm: '-masks'}[one]}.png`;
      await writeFile(join(out, file), detectionCurves(labels, results, {on: one}));
    }
  }
  const [only] = kinds;
  const report: PredictionScores = {...scores, ...(kinds.length === 1 && scores[only])};
  if (out !== undefined) await writeFile(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

/** All results of a file look alike, so its beginning tells what they have. */
async function kindsIn(file: string): Promise<ScoredOn[]> {
  const handle = await open(file).catch((cause: Error) => {
    throw new Error(`--predictions ${file}: ${cause.message}.`, {cause});
  });
  try {
    const {buffer, bytesRead} = await handle.read({buffer: Buffer.alloc(1 << 20)});
    const text = buffer.toString('latin1', 0, bytesRead);
    const found: ScoredOn[] = [];
    if (/"bbox"\s*:/.test(text)) found.push('bbox');
    if (/"segmentation"\s*:/.test(text)) found.push('segm');
    return found.length ? found : ['bbox'];
  } finally {
    await handle.close();
  }
}

const names = [
  ...(['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl'] as const),
  ...(['AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl'] as const),
];

/** The scores as tables: COCO's twelve numbers, then AP by category. */
export function scoreTable(scores: PredictionScores): string {
  const columns = scores.on.flatMap(on => (scores[on] ? [{on, metrics: scores[on]}] : []));
  const heading = columns.map(({on}) => ({bbox: 'boxes', segm: 'masks'})[on]);
  // COCO says −1 where there was nothing to find.
  const cell = (value: number) => (value < 0 ? '–' : (100 * value).toFixed(2));
  const categories = Object.keys(columns[0]?.metrics.AP_per_category ?? {});
  return [
    table(
      ['%', ...heading],
      names.map(name => [name, ...columns.map(({metrics}) => cell(metrics[name]))]),
    ),
    table(
      ['AP by category', ...heading],
      categories.map(name => [name, ...columns.map(({metrics}) => cell(metrics.AP_per_category[name]))]),
    ),
  ].join('\n');
}
