/** --otel of the agent. A bundle of its own (scripts/build.mjs): without the option nothing of OpenTelemetry is loaded. */
import packageJson from '../../../package.json' with { type: 'json' };
import { CollectorThread } from '../../otel/collector-thread.ts';
import { MirrorTelemetry } from '../../otel/mirror-telemetry.ts';
import { isDisabled, readTelemetrySettings } from '../../otel/telemetry-settings.ts';
import type { StartTelemetry, TelemetryModule } from './telemetry.ts';

/** The program of the collector thread, beside this bundle or beside this source. */
const THREAD = import.meta.url.endsWith('.ts') ? './collector-thread.ts' : './spoa-mirror-collector.cjs';

export const checkTelemetry: TelemetryModule['checkTelemetry'] = () => {
  if (!isDisabled(process.env)) readTelemetrySettings(process.env, packageJson.version);
};

export const startTelemetry: StartTelemetry = ({ traceContext, log }) => {
  const { env } = process;
  if (isDisabled(env)) {
    log('OTEL_SDK_DISABLED is true: no spans, no metrics, trace contexts go as they came');
    return undefined;
  }
  const settings = readTelemetrySettings(env, packageJson.version);
  const thread = new CollectorThread(new URL(THREAD, import.meta.url));
  return new MirrorTelemetry({
    settings,
    traceContext,
    log,
    version: packageJson.version,
    openTransport: (signal, given) => thread.transport(signal, given),
  });
};
