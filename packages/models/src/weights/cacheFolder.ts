import {homedir} from 'node:os';
import {join} from 'node:path';

/**
 * Where downloads are kept: `FOVEAL_CACHE` if it is set, else `foveal` in the system's folder for caches.
 *
 * @param environment - @defaultValue `process.env`
 * @param platform - @defaultValue `process.platform`
 */
export function cacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const {FOVEAL_CACHE, XDG_CACHE_HOME, LOCALAPPDATA} = environment;
  if (FOVEAL_CACHE) return FOVEAL_CACHE;
  const home = homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'foveal');
  if (platform === 'win32') return join(LOCALAPPDATA || join(home, 'AppData', 'Local'), 'foveal', 'Cache');
  return join(XDG_CACHE_HOME || join(home, '.cache'), 'foveal');
}
