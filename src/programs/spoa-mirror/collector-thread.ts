/** The thread of mirror-telemetry.ts. A bundle of its own: it needs no more of OpenTelemetry than the protocol. */
import { serveCollectorThread } from '../../otel/collector-service.ts';

serveCollectorThread();
