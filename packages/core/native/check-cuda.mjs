#!/usr/bin/env node
// Compiles every CUDA kernel for sm_80 and sm_90 and checks the operators beside them, on a machine that need not have
// a GPU nor a libtorch with CUDA. Where there is no nvcc it says so and exits with 0.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {findLibtorch} from './findLibtorch.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'kernels', 'cuda');
const named = [process.env.CUDA_HOME, process.env.CUDA_PATH, '/usr/local/cuda'].filter(Boolean);
const places = [...(process.env.PATH ?? '').split(delimiter), ...named.map(root => join(root, 'bin'))];
const nvcc = places.map(place => join(place, 'nvcc')).find(existsSync);
if (!nvcc) {
  console.log('check-cuda: no nvcc on the path, in CUDA_HOME or in /usr/local/cuda: nothing compiled.');
  process.exit(0);
}

let failed = 0;

function check(file, command, args) {
  const {status, stdout, stderr, error} = spawnSync(command, args, {encoding: 'utf8'});
  if (status === 0) return console.log(`ok      ${file}`);
  failed += 1;
  console.error(`failed  ${file}\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
}

const files = readdirSync(folder).sort();
const scratch = mkdtempSync(join(tmpdir(), 'foveal-cuda-'));
try {
  const targets = [80, 90].flatMap(sm => ['-gencode', `arch=compute_${sm},code=sm_${sm}`]);
  for (const file of files.filter(name => name.endsWith('.cu'))) {
    const output = join(scratch, `${file}.o`);
    const options = ['-std=c++17', '-O3', '-Werror', 'all-warnings', ...targets];
    check(file, nvcc, [...options, '-c', join(folder, file), '-o', output]);
  }

  const {found} = findLibtorch();
  if (found) {
    // Searched last: a generated header that a libtorch without CUDA lacks, and the driver's, which a compiler alone
    // does not bring. Nothing of either is used here.
    mkdirSync(join(scratch, 'c10/cuda/impl'), {recursive: true});
    writeFileSync(join(scratch, 'c10/cuda/impl/cuda_cmake_macros.h'), '');
    writeFileSync(join(scratch, 'cuda.h'), '');
    // nvcc hands C++ to the host's compiler, with CUDA's own headers in reach.
    const options = [
      '-fsyntax-only',
      '-Wall',
      ...[...found.include, scratch].map(path => `-idirafter,${path}`),
    ];
    for (const file of files.filter(name => name.endsWith('.cpp')))
      check(file, nvcc, ['-std=c++17', '-Xcompiler', options.join(), '-c', join(folder, file)]);
  } else {
    console.log('check-cuda: no libtorch, so the operators beside the kernels were not checked.');
  }
} finally {
  rmSync(scratch, {recursive: true, force: true});
}

console.log(`check-cuda: ${failed ? `${failed} files fail` : 'every file compiles'}; nothing was run.`);
process.exit(failed ? 1 : 0);
