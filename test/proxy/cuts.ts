import { gzipSync } from 'node:zlib';
import { messageEvents } from '../../source/demo/message-events.ts';
import { replyOf } from '../../source/demo/replies.ts';
import { answerBytes, chunk } from './start-proxy.ts';

const prompt = { input: 12, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5 };

/** A whole message, as a stream. */
export const streamText = messageEvents({
  id: 'msg_1',
  model: 'claude-opus-5-5',
  reply: replyOf([{ type: 'text', text: 'Grüße – 数えきれない wörds 👩‍🚀 and\nlines\r\nof text.' }]),
  prompt,
}).join('');

export const sseHead = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n';
export const chunkedHead = `${sseHead}Transfer-Encoding: chunked\r\n\r\n`;
export const lastChunk = '0\r\n\r\n';

const bytes = Buffer.from(streamText);
const half = chunk(bytes.subarray(0, 700));
const json = Buffer.from('{"type":"message","content":[],"usage":{"input_tokens":1}}');
const zipped = chunk(gzipSync(bytes.subarray(0, 700))).toString('latin1');
const zippedHead = chunkedHead.replace('Transfer', 'Content-Encoding: gzip\r\nTransfer');

/** What a provider sends of an answer, as latin1, and how its connection ends then. */
export const cuts: readonly (readonly [what: string, sent: string, how: 'end' | 'reset'])[] = [
  ['FIN after a chunk', `${chunkedHead}${half.toString('latin1')}`, 'end'],
  ['RST after a chunk', `${chunkedHead}${half.toString('latin1')}`, 'reset'],
  ['FIN inside a chunk', `${chunkedHead}${half.toString('latin1').slice(0, 300)}`, 'end'],
  ['RST inside a chunk', `${chunkedHead}${half.toString('latin1').slice(0, 300)}`, 'reset'],
  ['end without message_stop', `${chunkedHead}${half.toString('latin1')}${lastChunk}`, 'end'],
  ['compressed, end without message_stop', `${zippedHead}${zipped}${lastChunk}`, 'end'],
  ['close-delimited FIN', `${sseHead}\r\n${bytes.toString('latin1', 0, 700)}`, 'end'],
  ['close-delimited RST', `${sseHead}\r\n${bytes.toString('latin1', 0, 700)}`, 'reset'],
  ['bad chunk size', `${chunkedHead}${half.toString('latin1')}zz\r\n`, 'end'],
  ['short length, FIN', `${sseHead}Content-Length: 5000\r\n\r\n${bytes.toString('latin1', 0, 700)}`, 'end'],
  ['JSON, short length, FIN', answerBytes(200, {}, json).toString('latin1').slice(0, -5), 'end'],
  ['JSON, short length, RST', answerBytes(200, {}, json).toString('latin1').slice(0, -5), 'reset'],
  ['reset after the head', chunkedHead, 'reset'],
];
