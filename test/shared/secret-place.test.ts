import { expect, it } from 'vitest';
import { secretPlaces } from '../../source/shared/secret-place.ts';
import { secretStores } from '../../source/shared/types.ts';

it('every store is told as a place of its own', () => {
  expect(new Set(secretStores.map((store) => secretPlaces[store])).size).toBe(secretStores.length);
});
