/** `explain --trace`: the way of a line through the reader, at most 100 columns, safe for a terminal. */
import type { Decider, LineTrace, TraceStep } from '../logs/trace.ts';
import type { ExplainOptions } from './explain.ts';
import { finish, headerLines, labelled } from './explain.ts';

/** The text of a trace. */
export function renderTrace(trace: LineTrace, options: ExplainOptions = {}): string {
  const { text, notes, parsed, refusal } = trace;
  const what = parsed.length > 1 ? `${parsed.length} records, the first is shown` : 'one record';
  return finish(
    [
      'Line',
      ...labelled('length', `${text.length} characters, ${what}`),
      ...notes.flatMap((note) => labelled('note', note)),
      '',
      'Header',
      ...stepLines(trace),
      ...headerLines(trace.header),
      '',
      'Marker',
      ...markerLines(trace),
      '',
      ...messageLines(trace),
      'Result',
      ...labelled(parsed[0]?.kind ?? 'none', refusal ?? eventText(trace)),
      ...labelled('decided by', deciderText(trace.decider)),
    ],
    options,
  );
}

function eventText({ parsed: [first] }: LineTrace): string {
  if (first?.kind !== 'event') return '';
  const torn = first.torn ? ', behind a line that was cut, which counts as malformed' : '';
  return `${first.repeat === 1 ? 'one event' : `${first.repeat} events`}${torn}`;
}

const DECIDERS: { readonly [by in Decider['by']]: string } = {
  fast: 'the fast scanner',
  plain: 'the plain reader, each time',
  'plain, then fast': 'the plain reader the first time, the fast scanner from then on',
};

function deciderText({ by, because }: Decider): string {
  return `${DECIDERS[by]}: ${because}`;
}

function stepLines({ steps, container }: LineTrace): string[] {
  const lines = steps.flatMap(stepLine);
  if (container === undefined) return lines.length > 0 ? lines : labelled('none', NO_HEADER);
  const { source } = container;
  if (source === undefined) return [...lines, ...labelled('JSON', 'without a member that holds a line')];
  return [
    ...lines,
    ...labelled(
      'in',
      `member ${source.member}, known by the entry of ${source.framing}; columns below are those of its text`,
    ),
    ...container.steps.flatMap(stepLine),
  ];
}

const NO_HEADER = "no entry of the table of headers begins the line: it is read as HAProxy's format raw";

function stepLine({ name, layer, start, end, text }: TraceStep): string[] {
  return labelled(layer, `${name}, columns ${start + 1} to ${end}: ${JSON.stringify(text)}`);
}

function markerLines({ markerStart, messageStart, container, text }: LineTrace): string[] {
  if (markerStart < 0) return labelled('none', `no SPOE: ${container === undefined ? 'in the line' : 'in the member'}`);
  if (markerStart === messageStart) return labelled('SPOE:', `column ${markerStart + 1}, where the message starts`);
  const found = (container?.source?.text ?? text).slice(messageStart, messageStart + 40);
  return labelled(
    'SPOE:',
    `column ${markerStart + 1}; the message starts at column ${messageStart + 1}, with ${JSON.stringify(found)}`,
  );
}

function messageLines({ message }: LineTrace): string[] {
  if (message === undefined) return [];
  const { fields, end, expected, text } = message;
  const lines = fields.flatMap(({ name, text: value, above }) =>
    labelled(name, above === undefined ? value : `${value}, refused: larger than ${above}`),
  );
  if (expected !== undefined) {
    const wanted =
      expected === 'end' ? 'the end of the line' : 'text' in expected ? JSON.stringify(expected.text) : expected.field;
    const found = end < text.length ? JSON.stringify(text.slice(end, end + 40)) : 'the end of the line';
    lines.push(...labelled('refused', `character ${end + 1} of the message: ${found}, where an event has ${wanted}`));
  }
  return ['Fields', ...lines, ''];
}
