import type {EngineReport, EngineReportEntry} from '@foveal/core';
import {Command} from 'commander';
import {table} from '../terminal/table.js';
import {UsageError} from './usageError.js';

interface InfoOptions {
  checkpoint?: string;
  templates?: string;
  json?: boolean;
}

export const infoCommand = () =>
  new Command('info')
    .description('print the engines found here, and why others were passed over; or what a checkpoint holds')
    .option('--checkpoint <file>', 'tell what this checkpoint of foveal train is')
    .option('--templates <file>', 'with --checkpoint: draw what its first layer looks for into a PNG')
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${examples}`)
    .action(async ({checkpoint, templates, json = false}: InfoOptions) => {
      if (checkpoint !== undefined) {
        const {checkpointInfo, checkpointText} = await import('./checkpointInfo.js');
        const info = await checkpointInfo(checkpoint, templates);
        process.stdout.write(json ? `${JSON.stringify(info, null, 2)}\n` : checkpointText(info));
        if (templates !== undefined) process.stderr.write(`${templates}\n`);
        return;
      }
      if (templates !== undefined) throw new UsageError('--templates goes with --checkpoint.');
      const {engineReport} = await import('@foveal/core');
      const {version} = await import('./version.js');
      const report = await engineReport();
      process.stdout.write(
        json ? `${JSON.stringify({foveal: version, ...report}, null, 2)}\n` : describe(report, version),
      );
    });

const examples = `Examples:
  foveal info
  foveal info --json
  foveal info --checkpoint runs/digits/best.safetensors --templates templates.png`;

function describe({machine, tfjs, engines}: EngineReport, version: string): string {
  const chosen = engines.find(({available, engine}) => available && engine !== 'cpu');
  const skipped = engines.filter(({reasons}) => reasons.length > 0);
  return [
    `foveal ${version}, tfjs ${tfjs}, Node ${machine.node}, ${machine.platform}`,
    `${machine.cpu}, ${machine.cores} cores, ${gibibytes(machine.memory)} (${gibibytes(machine.freeMemory)} free)`,
    '',
    table(
      ['engine', '', 'version', 'device', 'threads'],
      engines.map(entry => [
        entry.engine,
        entry === chosen ? 'chosen by auto' : entry.available ? 'available' : 'not here',
        (entry.available && entry.version) || '',
        entry.devices.map(deviceName).join('; '),
        entry.available && entry.threads !== undefined ? String(entry.threads) : '',
      ]),
    ),
    ...engines.flatMap(notes),
    ...(skipped.length ? ['Passed over:'] : []),
    ...skipped.flatMap(({engine, reasons}) => [`  ${engine}`, ...reasons.flatMap(indent)]),
    '',
  ].join('\n');
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
const indent = (reason: string) => reason.split('\n').map(line => `    ${line}`);

const deviceName = ({name, description, memory}: EngineReportEntry['devices'][number]) =>
  [name, description, memory === undefined ? '' : gibibytes(memory)].filter(Boolean).join(', ');

function notes({engine, available, notes: facts}: EngineReportEntry): string[] {
  const entries = Object.entries(facts);
  if (!available || entries.length === 0) return [];
  return [`${engine}:`, ...entries.map(([name, value]) => `  ${name}: ${value}`), ''];
}
