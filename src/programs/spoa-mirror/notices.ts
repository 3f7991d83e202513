/** Log lines about a configuration, or an error of this program: once is enough, however many requests meet it. */

/** The subject of a line. Peers choose some of the words, and shall not keep other lines from being written. */
export type NoticeKind =
  | 'unusable'
  | 'answers'
  | 'cut'
  | 'misbehaved'
  | 'frame-size'
  | 'disconnect'
  | 'internal'
  | 'memory'
  | 'behind'
  | 'tls';

/** Writes a line, unless it was written before. */
export type Notice = (line: string, kind: NoticeKind) => void;

/** The most lines of one kind. */
const MAX_LINES = 10;

export function noticeOnce(say: Notice): Notice {
  const said = new Map<NoticeKind, Set<string>>();
  return (line, kind) => {
    const lines = said.get(kind) ?? new Set();
    said.set(kind, lines);
    if (lines.has(line) || lines.size > MAX_LINES) return;
    lines.add(line);
    say(lines.size > MAX_LINES ? `${line}; lines like these are said no more` : line, kind);
  };
}
