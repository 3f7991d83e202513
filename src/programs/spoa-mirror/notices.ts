/** Lines that say something of a configuration, or a fault of ours: once is enough, however many requests meet it. */

/** What a line is about. Peers choose some of the words, and shall not keep other lines from being said. */
export type NoticeKind =
  | 'unusable'
  | 'cut'
  | 'misbehaved'
  | 'frame-size'
  | 'disconnect'
  | 'internal'
  | 'memory'
  | 'behind'
  | 'tls';

/** Says a line; a line that was said before is left out. */
export type Notice = (line: string, kind: NoticeKind) => void;

/** Of one kind. */
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
