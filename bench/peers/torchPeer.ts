import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {availableParallelism} from 'node:os';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';

/**
 * PyTorch in a process of its own, running one workload of `torchPeer.py` on request, so that its rounds and ours
 * take turns. Python is `FOVEAL_PYTHON`, or Debian's `/usr/bin/python3`.
 */
export class TorchPeer {
  /** `PyTorch 1.13.1`. */
  readonly version: string;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly answers: AsyncIterator<string>;

  private constructor(
    child: ChildProcessWithoutNullStreams,
    answers: AsyncIterator<string>,
    version: string,
  ) {
    this.child = child;
    this.answers = answers;
    this.version = version;
  }

  /**
   * Starts PyTorch and builds a workload.
   *
   * @param workload - A function of `torchPeer.py`.
   * @param options - Its arguments, and `threads`, by default one for each core.
   * @throws Error with what Python said if it or PyTorch is not there.
   */
  static async load(workload: string, options: Record<string, unknown> = {}): Promise<TorchPeer> {
    const python = process.env['FOVEAL_PYTHON'] ?? '/usr/bin/python3';
    const script = fileURLToPath(new URL('torchPeer.py', import.meta.url));
    const child = spawn(python, [script]);
    child.on('error', error => {
      throw new Error(`${python} does not start: ${error.message}. Name another by FOVEAL_PYTHON.`);
    });
    child.stderr.pipe(process.stderr);
    const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
    const request = {load: workload, threads: availableParallelism(), ...options};
    const {torch} = await ask<{torch: string}>(child, answers, request);
    return new TorchPeer(child, answers, `PyTorch ${torch}`);
  }

  /** Runs the workload once; milliseconds, as Python measured them. */
  readonly run = async (): Promise<number> => (await this.ask<{ms: number}>({run: 1})).ms;

  /** Runs the workload once; what it returned. */
  readonly result = async (): Promise<number> => (await this.ask<{result: number}>({run: 1})).result;

  /** The most memory the process ever held, in MB. */
  async peakMemory(): Promise<number> {
    return (await this.ask<{peak_mb: number}>({memory: 1})).peak_mb;
  }

  /** Ends the process. */
  close(): void {
    this.child.stdin.end();
  }

  private ask<Answer>(request: object): Promise<Answer> {
    return ask(this.child, this.answers, request);
  }
}

async function ask<Answer>(
  child: ChildProcessWithoutNullStreams,
  answers: AsyncIterator<string>,
  request: object,
): Promise<Answer> {
  child.stdin.write(JSON.stringify(request) + '\n');
  const {value, done} = await answers.next();
  if (done) throw new Error(`torchPeer.py ended without an answer to ${JSON.stringify(request)}`);
  const answer = JSON.parse(value) as Answer & {error?: string};
  if (answer.error) throw new Error(`torchPeer.py: ${answer.error}`);
  return answer;
}
