/** Weights that could not be fetched: from where, and what to do. */
export class WeightsFetchError extends Error {
  override readonly name = 'WeightsFetchError';
  readonly url: string;

  constructor(url: string, reason: string, options?: ErrorOptions) {
    super(`${url}: ${reason}`, options);
    this.url = url;
  }
}
