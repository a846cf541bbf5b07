import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';
import {PeerProcess} from './peerProcess.ts';

/**
 * PyTorch in a process of its own, running one workload of `torchPeer.py` on request, so that its rounds and ours
 * take turns. Python is `FOVEAL_PYTHON`, or Debian's `/usr/bin/python3`.
 */
export class TorchPeer {
  /** `PyTorch 1.13.1`. */
  readonly version: string;
  private readonly process: PeerProcess;

  private constructor(process: PeerProcess, version: string) {
    this.process = process;
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
    const peer = new PeerProcess('torchPeer.py', python, [script], 'Name another by FOVEAL_PYTHON.');
    const request = {load: workload, threads: availableParallelism(), ...options};
    const {torch} = await peer.ask<{torch: string}>(request);
    return new TorchPeer(peer, `PyTorch ${torch}`);
  }

  /** Runs the workload once; milliseconds, as Python measured them. */
  readonly run = async (): Promise<number> => (await this.process.ask<{ms: number}>({run: 1})).ms;

  /** Runs the workload once; what it returned. */
  readonly result = async (): Promise<number> => (await this.process.ask<{result: number}>({run: 1})).result;

  /** The most memory the process ever held, in MB. */
  async peakMemory(): Promise<number> {
    return (await this.process.ask<{peak_mb: number}>({memory: 1})).peak_mb;
  }

  /** Ends the process. */
  close(): void {
    this.process.close();
  }
}
