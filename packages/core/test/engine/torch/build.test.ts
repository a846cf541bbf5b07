import {spawnSync} from 'node:child_process';
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';
import test from 'ava';

// The build scripts on their own, beside no sources, with whatever a machine may lack.
const native = fileURLToPath(new URL('../../../native/', import.meta.url));
const folder = mkdtempSync(join(native, '../node_modules/.build-'));
for (const name of ['build.mjs', 'findLibtorch.mjs', 'debianPackages.mjs'])
  copyFileSync(join(native, name), join(folder, name));
test.after.always(() => rmSync(folder, {recursive: true}));

/** A folder that looks like an unpacked libtorch. */
function fakeLibtorch(
  name: string,
  {version, buildVersion = '', cuda = false, abi = 1}: FakeLibtorch,
): string {
  const root = join(folder, name);
  for (const part of ['include/ATen', 'include/torch/csrc/api/include/torch', 'lib'])
    mkdirSync(join(root, part), {recursive: true});
  const [major, minor, patch] = version.split('.');
  const header = `#define TORCH_VERSION_MAJOR ${major}\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH ${patch}\n`;
  writeFileSync(join(root, 'include/ATen/ATen.h'), '');
  writeFileSync(join(root, 'include/torch/csrc/api/include/torch/version.h'), header);
  writeFileSync(join(root, 'build-version'), buildVersion);
  writeFileSync(join(root, 'lib/libtorch_cpu.so'), '');
  writeFileSync(join(root, 'lib/libc10.so'), abi === 1 ? '_ZNSt7__cxx1112basic_string' : '_ZNSs');
  if (cuda) writeFileSync(join(root, 'lib/libtorch_cuda.so'), '');
  return root;
}
interface FakeLibtorch {
  version: string;
  buildVersion?: string;
  cuda?: boolean;
  abi?: number;
}

function node(args: string[], env: Record<string, string>) {
  return spawnSync(process.execPath, args, {encoding: 'utf8', env: {FOVEAL_NO_APT: '1', ...env}});
}

const find = (env: Record<string, string>) => {
  const module = pathToFileURL(join(folder, 'findLibtorch.mjs')).href;
  const program = `import {findLibtorch} from '${module}'; console.log(JSON.stringify(findLibtorch()))`;
  return JSON.parse(node(['--input-type=module', '-e', program], env).stdout);
};

test('a libtorch of TORCH_DIR is taken before any other, with its version, its CUDA and its ABI', t => {
  const root = fakeLibtorch('modern', {version: '2.1.2', buildVersion: '2.1.2+cu121\n', cuda: true});
  const {found} = find({TORCH_DIR: root});
  t.like(found, {
    from: 'TORCH_DIR',
    version: '2.1.2',
    cuda: true,
    cudaVersion: '12',
    cxx11Abi: 1,
    lib: `${root}/lib`,
  });
  const old = fakeLibtorch('old', {version: '1.13.1', abi: 0});
  t.like(find({TORCH_DIR: old}).found, {version: '1.13.1', cuda: false, cxx11Abi: 0});
});

test('a place that does not serve is named with the reason', t => {
  const {tried} = find({TORCH_DIR: '/nowhere', PATH: '/nowhere'});
  t.is(tried[0], 'TORCH_DIR: no headers in /nowhere/include');
  t.is(tried[1], 'python3: does not run');
});

test('without a compiler the build says what to install and succeeds; with --strict it fails', t => {
  const env = {PATH: '/nowhere', TORCH_DIR: fakeLibtorch('bare', {version: '2.1.0'})};
  const lenient = node([join(folder, 'build.mjs')], env);
  t.is(lenient.status, 0);
  t.regex(lenient.stderr, /the wasm engine will be used/);
  t.regex(lenient.stderr, /Not installed: g\+\+, cmake, make \(/);
  t.regex(lenient.stderr, /apt-get install g\+\+ cmake make/);
  t.regex(readFileSync(join(folder, 'build/report.txt'), 'utf8'), /Not installed/);
  t.is(node([join(folder, 'build.mjs'), '--strict'], env).status, 1);
});

test('a build that fails is loud and succeeds; with --strict it fails', t => {
  // There are no sources here, so cmake gives up.
  const env = {PATH: process.env['PATH'] ?? '', TORCH_DIR: fakeLibtorch('whole', {version: '2.1.0'})};
  const lenient = node([join(folder, 'build.mjs')], env);
  t.is(lenient.status, 0);
  t.regex(lenient.stderr, /FAILED|Not installed/);
  t.is(node([join(folder, 'build.mjs'), '--strict'], env).status, 1);
});

const mayInstall = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
if (!mayInstall)
  console.warn('skipped, for this is not root on Debian or Ubuntu: what apt-get is asked to install');
(mayInstall ? test : test.skip)(
  'root on Debian or Ubuntu gets what is missing by apt-get, and is told first',
  t => {
    const bin = join(folder, 'bin');
    const log = join(folder, 'apt.log');
    mkdirSync(bin);
    writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\necho "$@" >> ${log}\n`, {mode: 0o755});
    const env = {PATH: bin, TORCH_DIR: fakeLibtorch('apt', {version: '2.1.0'}), FOVEAL_NO_APT: ''};
    const {status, stdout} = node([join(folder, 'build.mjs')], env);
    t.is(status, 0);
    t.regex(
      stdout,
      /^foveal: installing g\+\+ cmake make with apt-get \(a few MB; FOVEAL_NO_APT=1 prevents it\)/,
    );
    const [update, install] = readFileSync(log, 'utf8').split('\n');
    t.regex(update, /^update/);
    t.regex(install, /^install -y .* g\+\+ cmake make$/);
  },
);
