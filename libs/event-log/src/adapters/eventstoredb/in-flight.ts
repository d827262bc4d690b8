/** More calls at once only wait longer for each other. */
const MAX_CALLS = 32;
/**
 * When a server dies while more than this is on its way, the client leaves rejections behind that nobody handles. None
 * were left with so much in flight.
 */
const MAX_BYTES = 512 * 1_024;

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Lets so many appends go at once and no more, in the order in which they came. One that is larger goes alone. */
export class InFlight {
  #calls = 0;
  #bytes = 0;
  readonly #waiting: Waiting[] = [];

  async run<T>(bytes: number, append: () => Promise<T>): Promise<T> {
    if (this.#waiting.length === 0 && this.#hasRoomFor(bytes)) this.#take(bytes);
    else await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
    try {
      return await append();
    } finally {
      this.#calls -= 1;
      this.#bytes -= bytes;
      this.#letIn();
    }
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#calls === 0 || (this.#calls < MAX_CALLS && this.#bytes + bytes <= MAX_BYTES);
  }

  #take(bytes: number): void {
    this.#calls += 1;
    this.#bytes += bytes;
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.enter();
    }
  }
}
