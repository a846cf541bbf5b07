import {type ChildProcessWithoutNullStreams, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/** A program in a process of its own, which answers each line of JSON by one. */
export class PeerProcess {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  /**
   * @param name - Of the program, for messages.
   * @param advice - What helps if it does not start.
   */
  constructor(name: string, command: string, args: readonly string[], advice = '') {
    this.#name = name;
    this.#child = spawn(command, args);
    this.#child.on('error', error => {
      throw new Error(`${command} does not start: ${error.message}. ${advice}`);
    });
    this.#child.stderr.pipe(process.stderr);
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** @throws Error with what the program says went wrong, or if it ended. */
  async ask<Answer>(request: object): Promise<Answer> {
    this.#child.stdin.write(JSON.stringify(request) + '\n');
    const {value, done} = await this.#answers.next();
    if (done) throw new Error(`${this.#name} ended without an answer to ${JSON.stringify(request)}`);
    const answer = JSON.parse(value) as Answer & {error?: string};
    if (answer.error) throw new Error(`${this.#name}: ${answer.error}`);
    return answer;
  }

  /** Ends the process. */
  close(): void {
    this.#child.stdin.end();
  }
}
