/** What to do next, in commands. */
import type { Summary } from '../../stats/model.ts';
import type { Markup } from '../html/markup.ts';
import { markup, NO_MARKUP } from '../html/markup.ts';
import { hasLog } from '../screen-health.ts';

export function nextSection(summary: Summary): Markup {
  const steps = nextCommands(summary).map(
    ({ why, command }) => markup`<p>${why}:</p><pre><code>${command}</code></pre>`,
  );
  return steps.length === 0 ? NO_MARKUP : markup`<section><h2>Next</h2>${steps}</section>`;
}

/** No text of a log is in a command: a reader copies it into a shell. */
function nextCommands({ total, mirror, ...summary }: Summary): { readonly why: string; readonly command: string }[] {
  const worst = total.status.find(({ st }) => st !== 0);
  const steps: { why: string; command: string }[] = [];
  if (worst !== undefined)
    steps.push({ why: `What st=${worst.st} means, and what to check`, command: `spoe-logs explain ${worst.st}` });
  if (mirror === undefined)
    steps.push({
      why: 'Whether the mirror answers, from the record that spoa-mirror --record writes',
      command: 'spoe-logs summarize LOG --record mirror.jsonl --format html > report.html',
    });
  else
    steps.push({
      why: 'Whether the mirrored release answers as production does',
      command: 'spoe-logs diff --production LOG --mirror mirror.jsonl --format html > diff.html',
    });
  if (total.count === 0 && hasLog({ total, ...summary }))
    steps.push({
      why: 'Whether HAProxy is set up to log events',
      command: 'spoe-logs doctor --config /etc/haproxy/haproxy.cfg',
    });
  return steps;
}
