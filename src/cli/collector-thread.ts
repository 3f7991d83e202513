/** The thread of mirror-telemetry.ts. A bundle of its own: it needs no more of OpenTelemetry than the protocol. */
import packageJson from '../../package.json' with { type: 'json' };
import { serveCollectorThread } from '../otel/collector-service.ts';

serveCollectorThread(process.env, `spoa-mirror/${packageJson.version}`);
