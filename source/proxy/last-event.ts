const lastLine = 'data: {"type":"message_stop"}';
const unclosed = lastLine.slice(0, -1);

/**
 * What is missing of the event `message_stop`, of which the name has come: SDKs throw a message away whose last event is
 * not whole, and its client pays for it once more. `hasData` = its data line has come; `openLine` = what came of the line
 * whose end has not. Empty when it cannot be told.
 */
export const restOfLastEvent = (openLine: string, hasData: boolean): string => {
  const line = openLine.endsWith('\r') ? openLine.slice(0, -1) : openLine;
  if (hasData) return line === '' ? '\n' : '';
  if (lastLine.startsWith(line)) return `${lastLine.slice(line.length)}\n\n`;
  if (!line.startsWith(unclosed)) return '';
  // Some put blanks behind the name.
  const end = line.slice(unclosed.length).trim();
  if (end === '') return '}\n\n';
  return end === '}' ? '\n\n' : '';
};
