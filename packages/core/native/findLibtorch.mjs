// Looks for libtorch: TORCH_DIR, then Python's torch, then the system's. Runs on Node alone.
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync, realpathSync} from 'node:fs';
import {join} from 'node:path';

/**
 * @typedef {object} Libtorch
 * @property {string} from - Where it was found, for people.
 * @property {string} version
 * @property {string[]} include - Header folders.
 * @property {string} lib - The folder of libtorch_cpu.so.
 * @property {boolean} cuda - It was built with CUDA.
 * @property {string} cudaVersion - Empty where unknown.
 * @property {0 | 1} cxx11Abi - The value of _GLIBCXX_USE_CXX11_ABI that it was built with.
 * @property {boolean} system - It belongs to the distribution.
 */

/**
 * The libtorch to build for: TORCH_DIR if it serves, else the first one with CUDA, else the first one.
 *
 * @returns {{found: Libtorch | undefined, tried: string[]}} with one line for each place that does not serve.
 */
export function findLibtorch() {
  const tried = [];
  const serving = [];
  for (const place of [torchDir, ...pythons.map(python => () => pythonTorch(python)), systemTorch]) {
    const result = place();
    if (typeof result === 'string') tried.push(result);
    else serving.push(result);
  }
  const given = serving.find(({from}) => from === 'TORCH_DIR');
  return {found: given ?? serving.find(({cuda}) => cuda) ?? serving[0], tried};
}

function torchDir() {
  const root = process.env.TORCH_DIR;
  if (!root) return 'TORCH_DIR: not set';
  const notes = ['build-version', 'version.py'].map(name => readIfThere(join(root, name)));
  return inspect('TORCH_DIR', root, join(root, 'lib'), notes.join('\n'));
}

// The first python3 may be a version manager's; Debian's packages belong to /usr/bin/python3.
const pythons = ['python3', '/usr/bin/python3'];

function pythonTorch(python) {
  const question =
    'import importlib.util as u; s = u.find_spec("torch"); print(s.submodule_search_locations[0] if s else "")';
  let root;
  try {
    root = execFileSync(python, ['-c', question], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return `${python}: does not run`;
  }
  if (!root) return `${python} -c "import torch": no such module`;
  return inspect(`${python}'s torch`, root, join(root, 'lib'), readIfThere(join(root, 'version.py')));
}

function systemTorch() {
  const triple = {x64: 'x86_64', arm64: 'aarch64'}[process.arch] ?? process.arch;
  const libs = [`/usr/lib/${triple}-linux-gnu`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];
  const lib = libs.find(folder => existsSync(join(folder, 'libtorch_cpu.so')));
  if (!lib) return `the system: no libtorch_cpu.so in ${libs.join(', ')}`;
  return inspect('the system', lib.startsWith('/usr/local') ? '/usr/local' : '/usr', lib, '');
}

/** What a folder holds, or why it does not serve. `note` is whatever the distribution wrote about itself. */
function inspect(from, root, lib, note) {
  const include = join(root, 'include');
  if (!existsSync(join(include, 'ATen/ATen.h'))) return `${from}: no headers in ${include}`;
  // Debian's Python finds the system's library by its name, and has no lib folder of its own.
  if (!existsSync(join(lib, 'libtorch_cpu.so'))) {
    const system = from === 'the system' ? undefined : systemTorch();
    if (typeof system === 'object' && realpathSync(join(include, 'ATen')) === '/usr/include/ATen')
      return system;
    return `${from}: no libtorch_cpu.so in ${lib}`;
  }
  const header = readIfThere(join(include, 'torch/csrc/api/include/torch/version.h'));
  const macros = readIfThere(join(include, 'torch/headeronly/version.h')) + header;
  const part = name => macros.match(new RegExp(`#define TORCH_VERSION_${name} (\\d+)`))?.[1] ?? '0';
  const cudaVersion =
    note.match(/^cuda[^=\n]*= *'([\d.]+)'/m)?.[1] ?? note.match(/\+cu(\d+)\d\s*$/m)?.[1] ?? '';
  return {
    from,
    version: `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`,
    include: [include, join(include, 'torch/csrc/api/include')],
    lib,
    cuda: existsSync(join(lib, 'libtorch_cuda.so')),
    cudaVersion,
    // A mangled std::__cxx11::basic_string among its symbols.
    cxx11Abi: readFileSync(join(lib, 'libc10.so')).includes('NSt7__cxx1112basic_string') ? 1 : 0,
    system: lib.startsWith('/usr/lib'),
  };
}

const readIfThere = path => (existsSync(path) ? readFileSync(path, 'utf8') : '');
