// What Debian and Ubuntu can install for us, and whether they may.
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';

const torch = ['libtorch-dev', 'libopenblas0-openmp', 'libdnnl-dev'];
const tools = ['g++', 'cmake', 'make'];

/** The packages not yet there; without `withTorch` only the compiler's. */
export function missingPackages({withTorch}) {
  const wanted = [...(withTorch ? torch : []), ...tools];
  if (!onDebian()) return wanted;
  return wanted.filter(name => {
    const {stdout} = spawnSync('dpkg', ['-s', name], {encoding: 'utf8'});
    return !stdout?.includes('install ok installed');
  });
}

export const onDebian = () =>
  existsSync('/etc/os-release') &&
  /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8')) &&
  existsSync('/usr/bin/apt-get');

/** The command that a person would type. */
export const installCommand = packages => `sudo apt-get install ${packages.join(' ')}`;

/** Why apt-get will not be used, or '' where it will. */
export function aptObstacle() {
  if (!onDebian()) return 'this is neither Debian nor Ubuntu';
  if (process.env.FOVEAL_NO_APT === '1') return 'FOVEAL_NO_APT is 1';
  return process.getuid?.() === 0 ? '' : 'this is not root';
}

/** Installs, saying so first. Returns whether it worked. */
export function install(packages) {
  const size = packages.includes('libtorch-dev')
    ? 'about 290 MB to download, 1.2 GB installed, one to three minutes'
    : 'a few MB';
  console.log(`foveal: installing ${packages.join(' ')} with apt-get (${size}; FOVEAL_NO_APT=1 prevents it)`);
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'};
  // Its hundreds of lines about packages are left out; what goes wrong is on stderr.
  const apt = (...args) =>
    spawnSync('apt-get', args, {stdio: ['ignore', 'ignore', 'inherit'], env}).status === 0;
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  return apt('update', '-qq') && apt('install', ...options, ...packages);
}
