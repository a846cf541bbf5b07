// Tests read the sources, so no build comes first. Worker threads are off: native addons and chdir want processes.
export default {
  files: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts', 'fixtures/**/*.test.ts'],
  extensions: {ts: 'module'},
  nodeArguments: ['--import=tsx', '--conditions=@foveal/source', '--no-warnings'],
  workerThreads: false,
  timeout: '120s',
};
