// TensorBoard's event files: TFRecord frames (tensorflow/core/lib/io/record_writer.h) around `Event` messages
// (tensorflow/core/util/event.proto).
import {appendFileSync, closeSync, openSync, readdirSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {BinaryWriter, WireType} from '@bufbuild/protobuf/wire';
import {crc32c} from './crc32c.js';

/** What one event says; TensorBoard draws each scalar over the steps. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  wallTime: number;
  step?: number;
  /** By tag: `train/loss`. */
  scalars?: Readonly<Record<string, number>>;
  /** The first event of a file has `brain.Event:2`. */
  fileVersion?: string;
  /** Makes TensorBoard forget what earlier files say of this step and later ones. */
  restart?: boolean;
}

/** Appends scalars to a file of its own in `folder`; `tensorboard --logdir folder` shows them as they come. */
export class EventFile {
  readonly #file: number;

  /** @param resumeStep - The step that a resumed run goes on after; what was written of later ones does not count. */
  constructor(folder: string, resumeStep?: number) {
    this.#file = openSync(join(folder, nextName(eventFiles(folder))), 'a');
    this.#append({fileVersion: 'brain.Event:2'});
    if (resumeStep !== undefined) this.#append({step: resumeStep + 1, restart: true});
  }

  write(step: number, scalars: Readonly<Record<string, number>>): void {
    this.#append({step, scalars});
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(event: Omit<TensorBoardEvent, 'wallTime'>): void {
    appendFileSync(this.#file, frame(encodeEvent({wallTime: Date.now() / 1000, ...event})));
  }
}

/** The names of the event files in a folder, in TensorBoard's order. */
export const eventFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter(name => name.startsWith(prefix))
    .sort();

const prefix = 'events.out.tfevents.';

/** TensorBoard reads the files of a folder in the order of their names, so the seconds in them must rise. */
function nextName(present: readonly string[]): string {
  const latest = Math.max(0, ...present.map(name => Number.parseInt(name.slice(prefix.length), 10) || 0));
  const seconds = Math.max(Math.floor(Date.now() / 1000), latest + 1);
  return `${prefix}${String(seconds).padStart(10, '0')}.${hostname()}.${process.pid}`;
}

/** The bytes of an `Event`; field numbers are those of event.proto and summary.proto. */
export function encodeEvent({wallTime, step, scalars, fileVersion, restart}: TensorBoardEvent): Uint8Array {
  const event = new BinaryWriter().tag(1, WireType.Bit64).double(wallTime);
  if (step !== undefined) event.tag(2, WireType.Varint).int64(step);
  if (fileVersion !== undefined) event.tag(3, WireType.LengthDelimited).string(fileVersion);
  if (scalars !== undefined) {
    event.tag(5, WireType.LengthDelimited).fork();
    for (const [tag, value] of Object.entries(scalars)) {
      event.tag(1, WireType.LengthDelimited).fork();
      event.tag(1, WireType.LengthDelimited).string(tag).tag(2, WireType.Bit32).float(value).join();
    }
    event.join();
  }
  // SessionLog.START
  if (restart) event.tag(7, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(1).join();
  return event.finish();
}

/** A TFRecord: length, its checksum, the data, its checksum; all little-endian. */
export function frame(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(12 + data.length + 4);
  record.writeBigUInt64LE(BigInt(data.length));
  record.writeUInt32LE(masked(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(masked(data), 12 + data.length);
  return record;
}

/** The checksum, turned by 15 bits and shifted, so that a checksum of data that holds checksums is sound. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
