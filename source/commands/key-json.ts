import { limitsJson } from '../config/client-key-record.ts';
import type { ClientKeyView } from '../shared/client-key.ts';
import { isoTime } from '../shared/iso-time.ts';

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
  createdAt: isoTime(createdAt),
  lastUsedAt: isoTime(lastUsedAt),
  revokedAt: isoTime(revokedAt),
  limits: limitsJson(limits),
});

/** What `key create` and `key rotate` print: the only time that the key itself is shown. */
export const newKeyJson = (view: ClientKeyView, key: string): Record<string, unknown> => ({
  id: view.id,
  name: view.name,
  key,
  createdAt: isoTime(view.createdAt),
  limits: limitsJson(view.limits),
});
