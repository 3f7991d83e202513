import { formatAmount } from '../../text/numbers.ts';
import { fittedOptions } from '../agent-command.ts';
import { checkConfiguration, USUAL_MAX_DELAY_MS } from '../check.ts';
import { type Finding, fail, ok, unknown, warning } from '../diagnosis.ts';
import { servingCommands } from './agent.ts';
import type { Surroundings } from './surroundings.ts';

const MOST_FINDINGS = 20;

export async function lookAtConfiguration(surroundings: Surroundings): Promise<readonly Finding[]> {
  if (surroundings.configurationFiles.length === 0)
    return [unknown('no haproxy.cfg is found', 'name it: --config /etc/haproxy/haproxy.cfg')];
  const configuration = await surroundings.configuration();
  const { problems, files, engines } = configuration;
  const unread = problems.map(({ message, hint }) => unknown(message, hint));
  if (files.length === 0) return unread;
  if (engines.length === 0)
    return [
      ...unread,
      fail(`${files.join(', ')}: no "filter spoe", so nothing is mirrored`, 'spoe-logs config print shows one'),
    ];
  const version = await surroundings.version();
  const [command] = await servingCommands(surroundings);
  const agent = command && fittedOptions(command);
  const { findings } = checkConfiguration({ configuration, version, maxDelayMs: USUAL_MAX_DELAY_MS, agent });
  const told = findings.filter(({ level }) => level !== 'note');
  const notes = findings.length - told.length;
  const shown = told.slice(0, MOST_FINDINGS).map(({ level, file, line, code, message, mend }) => {
    const text = `${file}:${line} ${message} (${code})`;
    return level === 'error' ? fail(text, mend) : warning(text, mend);
  });
  const more =
    told.length > MOST_FINDINGS
      ? [warning(`${told.length - MOST_FINDINGS} more findings`, 'see spoe-logs config check')]
      : [];
  if (told.length > 0) return [...unread, ...shown, ...more];
  const aside = notes === 0 ? '' : `; ${formatAmount(notes, 'note')}, see spoe-logs config check`;
  return [
    ...unread,
    ok(`${files.join(', ')}: nothing is wrong with ${formatAmount(engines.length, 'SPOE engine')}${aside}`),
  ];
}
