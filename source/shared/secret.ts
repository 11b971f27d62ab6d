import { inspect } from 'node:util';

/**
 * A credential in memory. It prints as `[secret]` wherever it is logged, interpolated, inspected or serialised;
 * only `reveal()` gives the text, and only the credentials door and the header writer call it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
