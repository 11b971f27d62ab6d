import { CcrError } from '../shared/errors.ts';
import { isRecord } from '../shared/is-record.ts';
import { sanitize } from '../shared/sanitize.ts';

export type Fields = Readonly<Record<string, unknown>>;

type NumberBounds = {
  /** The least it may be; left out = 0. */
  min?: number;
  whole?: boolean;
  /** In front of the name. */
  where?: string;
};

/** Reads a file of a fixed format. What does not fit is noted and read as nothing; `done` tells all of it together. */
export type FieldReader = {
  /** Notes a field that does not fit, and what it should be. */
  misfit(field: string, wanted: string): void;
  /** The number at that name; 0 when it does not fit. */
  number(at: Fields, name: string, bounds?: NumberBounds): number;
  /** The list at that name; empty when there is none. */
  list(at: Fields, name: string, where?: string): readonly unknown[];
  /** The object that it is; null when it is none. */
  object(value: unknown, where: string): Fields | null;
  /** Throws `usage` with the file and every field that was noted, on one line; the first ones, where they are many. */
  done(): void;
};

/** More than these nobody mends at once. */
const mostTold = 20;

export const createFieldReader = (file: string): FieldReader => {
  const told: string[] = [];
  let count = 0;
  const misfit = (field: string, wanted: string): void => {
    count += 1;
    if (count <= mostTold) told.push(`${sanitize(field, 100)}: wanted ${wanted}`);
  };
  return {
    misfit,
    number(at, name, { min = 0, whole = false, where = '' } = {}) {
      const value = at[name];
      const fits = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
      if (typeof value === 'number' && fits && value >= min) return value;
      misfit(`${where}${name}`, `${whole ? 'a whole number' : 'a number'}, not below ${min}`);
      return 0;
    },
    list(at, name, where = '') {
      const value = at[name];
      if (Array.isArray(value)) return value;
      misfit(`${where}${name}`, 'a list');
      return [];
    },
    object(value, where) {
      if (isRecord(value)) return value;
      misfit(where, 'an object');
      return null;
    },
    done() {
      if (count === 0) return;
      const more = count > told.length ? `; and ${count - told.length} more` : '';
      throw new CcrError('usage', `${file}: ${told.join('; ')}${more}`);
    },
  };
};
