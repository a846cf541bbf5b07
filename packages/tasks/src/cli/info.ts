import type {EngineReport, EngineReportEntry} from '@foveal/core';
import {Command} from 'commander';
import {table} from '../terminal/table.js';

export const infoCommand = () =>
  new Command('info')
    .description('print the engines found here, and why others were passed over')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  foveal info\n  foveal info --json')
    .action(async ({json = false}: {json?: boolean}) => {
      const {engineReport} = await import('@foveal/core');
      const {version} = await import('./version.js');
      const report = await engineReport();
      process.stdout.write(
        json ? `${JSON.stringify({foveal: version, ...report}, null, 2)}\n` : describe(report, version),
      );
    });

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
