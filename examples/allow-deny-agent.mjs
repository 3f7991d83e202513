/**
 * An SPOP agent that decides: paths below /admin are denied but for one network.
 *
 *     node examples/allow-deny-agent.mjs 12345
 *
 * SPOE: `spoe-message check-path`, `args path=path src=src`, `event on-frontend-http-request`, and in the agent's section
 * `option var-prefix gate`. HAProxy: `http-request deny if { var(txn.gate.verdict) -m str deny }`.
 */
import { createAgent, setVarAction, stringData, VariableScope } from 'spoe-logs';

const agent = createAgent({
  handlers: {
    'check-path': ({ args }) => {
      const path = args.get('path')?.text ?? '';
      const source = args.get('src')?.text ?? '';
      const isDenied = path.startsWith('/admin') && !source.startsWith('10.');
      return [setVarAction(VariableScope.transaction, 'verdict', stringData(isDenied ? 'deny' : 'allow'))];
    },
  },
  // A handler that fails is answered without actions: HAProxy goes on, and nothing is denied.
  onError: (error) => console.error(error),
});

await agent.listen({ host: '127.0.0.1', port: Number(process.argv[2] ?? 12345) });
console.log(`listening on 127.0.0.1:${agent.address().port}`);
process.once('SIGTERM', () => agent.close());
