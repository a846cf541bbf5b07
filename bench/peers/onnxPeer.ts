import {readFile, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import {PeerProcess} from './peerProcess.ts';

/**
 * onnxruntime-node in a process of its own, running `network.onnx` of a folder on one batch. It is no dependency: it
 * unpacks to 290 MB, which no other use of this repository needs. `FOVEAL_ORT` names a folder where it was installed.
 */
export class OnnxPeer {
  /** `onnxruntime-node 1.30.0`. */
  readonly version: string;
  readonly #process: PeerProcess;
  readonly #folder: string;

  private constructor(process: PeerProcess, version: string, folder: string) {
    this.#process = process;
    this.version = version;
    this.#folder = folder;
  }

  /**
   * @param folder - Where `network.onnx` lies, from `images` to `logits` and `classes`; files go there, too.
   * @param images - `[N, H, W, C]`; the network takes them as `[N, C, H, W]`.
   * @returns nothing if onnxruntime-node is not there, after saying how to get it.
   */
  static async load(folder: string, images: tf.Tensor4D, threads: number): Promise<OnnxPeer | undefined> {
    const from = join(process.env['FOVEAL_ORT'] ?? fileURLToPath(new URL('.', import.meta.url)), 'any.js');
    try {
      createRequire(from).resolve('onnxruntime-node');
    } catch {
      console.error(
        'onnxruntime-node is not there and left out. To have it: npm install --prefix FOLDER --ignore-scripts ' +
          'onnxruntime-node, and FOVEAL_ORT=FOLDER. (Its script fetches what CUDA needs.)',
      );
      return undefined;
    }
    const chw = tf.transpose(images, [0, 3, 1, 2]);
    const input = join(folder, 'images.bin');
    await writeFile(input, new Uint8Array(chw.dataSync<'float32'>().buffer));
    const script = fileURLToPath(new URL('onnxPeer.mjs', import.meta.url));
    const peer = new PeerProcess('onnxPeer.mjs', process.execPath, [script, from]);
    const request = {load: join(folder, 'network.onnx'), input, shape: chw.shape, threads};
    const {onnxruntime} = await peer.ask<{onnxruntime: string}>(request);
    return new OnnxPeer(peer, `onnxruntime-node ${onnxruntime}`, folder);
  }

  /** Runs the network once; milliseconds, as the process measured them. */
  readonly run = async (): Promise<number> => (await this.#process.ask<{ms: number}>({run: 'classes'})).ms;

  /** @returns `[N, K, H, W]`, in this order. */
  async logits(): Promise<Float32Array> {
    const to = join(this.#folder, 'logits.bin');
    await this.#process.ask({write: 'logits', to});
    return new Float32Array(new Uint8Array(await readFile(to)).buffer);
  }

  /** Ends the process. */
  close(): void {
    this.#process.close();
  }
}
