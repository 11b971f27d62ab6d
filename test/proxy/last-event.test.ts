import { expect, test } from 'vitest';
import { restOfLastEvent } from '../../source/proxy/last-event.ts';

test.each([
  ['', false, 'data: {"type":"message_stop"}\n\n'],
  ['da', false, 'ta: {"type":"message_stop"}\n\n'],
  ['data: {"type":"message_stop"', false, '}\n\n'],
  ['data: {"type":"message_stop"   ', false, '}\n\n'],
  ['data: {"type":"message_stop"   }', false, '\n\n'],
  ['data: {"type":"message_stop"}\r', false, '\n\n'],
  ['data: {"type":"message_stop"} x', false, ''],
  ['data: {"type":"message_stop","more', false, ''],
  [': a comm', false, ''],
  ['', true, '\n'],
  ['\r', true, '\n'],
  ['data: more', true, ''],
])('behind %j (its data has come: %s) %j is missing', (openLine, hasData, rest) => {
  expect(restOfLastEvent(openLine, hasData)).toBe(rest);
});
