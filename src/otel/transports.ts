import type { Transport } from './answer.ts';
import type { Signal } from './batch.ts';
import { systemClock } from './clock.ts';
import { GrpcTransport } from './grpc-transport.ts';
import { HttpTransport } from './http-transport.ts';
import type { SignalSettings } from './settings.ts';

/** @param connections how many at most; gRPC has one for all calls */
export function openTransport(signal: Signal, settings: SignalSettings, connections: number): Transport {
  return settings.protocol === 'grpc'
    ? new GrpcTransport(signal, settings)
    : new HttpTransport(signal, settings, connections, systemClock.now);
}
