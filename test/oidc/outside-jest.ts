/**
 * Run by back-channel-logout.test.ts in a process of its own: the provider guards its requests to sites through Node's
 * own fetch, which jest replaces. Prints how many logout tokens reached a site on this machine.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startInstallation } from '../support/installation.ts';
import { Agent } from '../support/relying-party.ts';
import { signIn } from '../support/sign-in.ts';

let told = 0;
const listener = createServer((request, response) => {
  told += 1;
  request.resume();
  response.end();
});
await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
const { port } = listener.address() as AddressInfo;
const at = await startInstallation();
const metadata = { backchannel_logout_uri: `http://127.0.0.1:${port}/logout` };
const site = await at.addClient({ metadata });
await at.addUser('taro');
await at.addUser('hanako');
// A logout tells the site, and so does another user who signs in.
const leaving = new Agent();
await signIn(at, site, leaving, 'taro');
await (await leaving.open(site.logoutUrl())).submit({ logout: 'yes' });
const shared = new Agent();
await signIn(at, site, shared, 'taro');
await signIn(at, site, shared, 'hanako', { prompt: 'login' });
console.log(JSON.stringify({ told }));
listener.close();
await at.close();
