import { limitsJson } from '../config/client-key-record.ts';
import type { ClientKeyView } from '../shared/client-key.ts';
import type { EpochMs } from '../shared/types.ts';

const iso = (time: EpochMs | null): string | null => (time === null ? null : new Date(time).toISOString());

/** A key as `key list` prints it. */
export const keyJson = ({
  id,
  name,
  kind,
  createdAt,
  lastUsedAt,
  revokedAt,
  limits,
}: ClientKeyView): Record<string, unknown> => ({
  id,
  name,
  kind,
  createdAt: iso(createdAt),
  lastUsedAt: iso(lastUsedAt),
  revokedAt: iso(revokedAt),
  limits: limitsJson(limits),
});

/** What `key create` and `key rotate` print: the only time that the key itself is shown. */
export const newKeyJson = (view: ClientKeyView, key: string): Record<string, unknown> => ({
  id: view.id,
  name: view.name,
  key,
  createdAt: iso(view.createdAt),
  limits: limitsJson(view.limits),
});
