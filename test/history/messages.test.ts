import { describe, expect, it } from 'vitest';
import { packMessage, unpackMessage, type ToHistory } from '../../source/history/messages.ts';
import { pricedSample } from '../store/samples.ts';

describe('what crosses to the thread of the history', () => {
  it.each<ToHistory>([
    { type: 'close' },
    { type: 'rows', rows: [] },
    { type: 'rows', rows: [], limits: [] },
    {
      type: 'rows',
      rows: [
        pricedSample(1, { costUsd: 0.25 }),
        pricedSample(2, { costUsd: null, status: null, outcome: 'rejected', attempts: [], decision: null }),
      ],
    },
  ])('arrives as it was sent: %j', (message) => {
    expect(unpackMessage(packMessage(message))).toEqual(message);
  });
});
