#!/usr/bin/env node
// Builds native/build/foveal.node for the libtorch found here; does nothing when nothing changed. Node alone runs it.
// Without libtorch or a compiler it says what to do and succeeds, for Foveal runs without; with --strict it fails.
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {cpus} from 'node:os';
import {dirname, join, sep} from 'node:path';
import {fileURLToPath} from 'node:url';
import {aptObstacle, install, installCommand, missingPackages} from './debianPackages.mjs';
import {findLibtorch} from './findLibtorch.mjs';

const native = dirname(fileURLToPath(import.meta.url));
const build = join(native, 'build');
const addon = join(build, 'foveal.node');
const strict = process.argv.includes('--strict');

const stop = lines => {
  const text = lines.join('\n');
  console.error(`\nfoveal: the native engine was not built; the wasm engine will be used.\n${text}\n`);
  mkdirSync(build, {recursive: true});
  writeFileSync(join(build, 'report.txt'), text + '\n'); // `foveal info` shows it
  process.exit(strict ? 1 : 0);
};

if (process.platform !== 'linux') stop([`The addon builds on Linux, this is ${process.platform}.`]);

let {found: torch, tried} = findLibtorch();
let cuda = torch?.cuda ? findCuda(torch) : undefined;
if (torch && isUpToDate()) {
  const withCuda = typeof cuda === 'object' ? ' with CUDA' : '';
  console.log(`foveal: the native engine is up to date (libtorch ${torch.version}${withCuda})`);
  process.exit(0);
}

const missing = missingTools(torch);
if (missing.length > 0) {
  const places = torch ? [] : ['No libtorch was found:', ...tried.map(line => `  ${line}`)];
  const obstacle = aptObstacle();
  const advice = `Run \`${installCommand(missing)}\`, or set TORCH_DIR to an unpacked libtorch, then \`npx foveal-native\`.`;
  const required = !torch || !hasTools();
  if (!obstacle && install(missing)) ({found: torch, tried} = findLibtorch());
  else if (required)
    stop([...places, `Not installed: ${missing.join(', ')} (${obstacle || 'apt-get failed'}).`, advice]);
  else console.log(`foveal: ${missing.join(', ')} would make it faster: \`${installCommand(missing)}\``);
}
if (!torch) stop(['No libtorch was found:', ...tried.map(line => `  ${line}`)]);

cuda = torch.cuda ? findCuda(torch) : undefined;
if (typeof cuda === 'string') console.log(`foveal: building without CUDA: ${cuda}`);
const useCuda = typeof cuda === 'object';
console.log(
  `foveal: building the native engine for libtorch ${torch.version} of ${torch.from}, one to three minutes`,
);
compile();
writeFileSync(join(build, 'stamp'), `${sources()}\n${compiler()}`);
rmSync(join(build, 'report.txt'), {force: true});
console.log(`foveal: built ${addon}`);

function compile() {
  const settings = {
    CMAKE_BUILD_TYPE: 'Release',
    TORCH_INCLUDE: [...torch.include, ...(useCuda ? cuda.include : [])].join(';'),
    TORCH_LIB: torch.lib,
    TORCH_CXX11_ABI: torch.cxx11Abi,
    TORCH_CUDA: useCuda ? 1 : 0,
    // Torch 1.13 and early 2.x are C++17, recent ones ask for C++20.
    TORCH_STANDARD: atLeast(torch.version, 2, 6) ? 20 : 17,
    NODE_API_INCLUDE: nodeApiHeaders(),
    ...(useCuda && {CMAKE_CUDA_COMPILER: cuda.nvcc}),
    ...(process.env.CUDAARCHS && {CMAKE_CUDA_ARCHITECTURES: process.env.CUDAARCHS}),
  };
  // A cache of another torch or compiler would win over what is passed now.
  rmSync(join(build, 'CMakeCache.txt'), {force: true});
  const definitions = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  step('cmake', ['-S', native, '-B', build, ...definitions]);
  step('cmake', ['--build', build, '--parallel', '2']);
}

function nodeApiHeaders() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return stop(['The npm package node-api-headers is missing: install the dependencies (`npm run setup`).']);
  }
}

/** Runs a command quietly; what it printed is shown only if it fails. */
function step(command, args) {
  const {status, stdout, stderr, error} = spawnSync(command, args, {encoding: 'utf8', maxBuffer: 1 << 28});
  if (status === 0) return;
  rmSync(addon, {force: true}); // an addon of older sources would be worse than none
  const output = `${stdout ?? ''}${stderr ?? ''}${error ?? ''}`;
  mkdirSync(build, {recursive: true});
  writeFileSync(join(build, 'failure.log'), output);
  const errors = output.split('\n').filter(line => /error|Error/.test(line));
  stop([
    `\`${command} ${args[0]} …\` FAILED; all of its output is in ${join(build, 'failure.log')}. It begins:`,
    ...errors.slice(0, 20).map(line => `  ${line}`),
    `Built for libtorch ${torch.version} of ${torch.from} (${torch.lib}).`,
  ]);
}

/** nvcc and the headers of CUDA's libraries, or why torch's CUDA cannot be used. */
function findCuda({cudaVersion, lib}) {
  const homes = [process.env.CUDA_HOME, process.env.CUDA_PATH, '/usr/local/cuda'].filter(Boolean);
  const nvcc = [...homes.map(home => join(home, 'bin/nvcc')), 'nvcc'].find(runs);
  if (!nvcc)
    return `torch has CUDA ${cudaVersion} but there is no nvcc. Install that CUDA toolkit, or set CUDA_HOME.`;
  const release =
    spawnSync(nvcc, ['--version'], {encoding: 'utf8'}).stdout.match(/release ([\d.]+)/)?.[1] ?? '';
  if (cudaVersion && cudaVersion.split('.')[0] !== release.split('.')[0])
    return `torch was built for CUDA ${cudaVersion}, ${nvcc} is ${release}. Install CUDA ${cudaVersion}, or set CUDA_HOME.`;
  // pip puts the headers of cuBLAS and its like beside torch.
  const wheels = join(lib, '../../nvidia');
  const folders = existsSync(wheels) ? readdirSync(wheels).map(name => join(wheels, name, 'include')) : [];
  return {nvcc, release, include: folders.filter(existsSync)};
}

/** Whether the addon is that of these sources, this libtorch and this compiler; with no compiler it may stay. */
function isUpToDate() {
  const stamp = join(build, 'stamp');
  if (!existsSync(addon) || !existsSync(stamp)) return false;
  const [builtSources, builtCompiler] = readFileSync(stamp, 'utf8').split('\n');
  return builtSources === sources() && (compiler() === '' || builtCompiler === compiler());
}

function sources() {
  const hash = createHash('sha256');
  const paths = readdirSync(native, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !path.startsWith(build + sep) && /\.(cc|cpp|cuh?|h|mjs|txt)$/.test(path));
  for (const path of paths.sort()) hash.update(path).update(readFileSync(path));
  hash.update(
    JSON.stringify([{...torch, from: ''}, cuda ?? '', statSync(join(torch.lib, 'libtorch_cpu.so')).mtimeMs]),
  );
  hash.update(cpus()[0]?.model ?? ''); // -march=native
  return hash.digest('hex');
}

function compiler() {
  const {stdout} = spawnSync(process.env.CXX ?? 'c++', ['--version'], {encoding: 'utf8'});
  return (stdout ?? '').split('\n')[0];
}

function missingTools(found) {
  const packages = missingPackages({withTorch: !found || found.system});
  return found && hasTools() ? packages.filter(name => !/^(g\+\+|cmake|make)$/.test(name)) : packages;
}

function hasTools() {
  return runs(process.env.CXX ?? 'c++') && runs('cmake') && (runs('make') || runs('ninja'));
}

function runs(command) {
  return spawnSync(command, ['--version'], {stdio: 'ignore'}).status === 0;
}

function atLeast(version, major, minor) {
  const [a, b] = version.split('.').map(Number);
  return a > major || (a === major && b >= minor);
}
