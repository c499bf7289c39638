// `wechatpay-axios-plugin` against the sandbox: `client.mjs FOLDER RUNNING`. FOLDER is the sandbox's
// folder; RUNNING is the file with its output.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import axios from 'axios';
import plugin from 'wechatpay-axios-plugin';

// Prints a refusal's words, without the request and its signature.
process.on('uncaughtException', (error) => {
  console.error(error.response ? `${error.config?.url}: ${error.message}: ${JSON.stringify(error.response.data).slice(0, 500)}` : error);
  process.exit(1);
});

const { Wechatpay, Rsa, Aes, Formatter, Multipart } = plugin;
const [folder, running] = process.argv.slice(2);
const { base_url: baseURL } = JSON.parse(readFileSync(running, 'utf8'));
const read = (name) => readFileSync(`${folder}/${name}`, 'utf8');
const settings = read('complaints.toml').split('[mini-program]')[0];
const setting = (name) => settings.match(new RegExp(`^${name} = "([^"]*)"`, 'm'))[1];

const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const PATIENCE = 120_000;
const mchid = setting('mchid');
const privateKey = Rsa.from(read(setting('private_key')), Rsa.KEY_TYPE_PRIVATE);
const apiv3Key = read(setting('apiv3_key_file')).trim();
const platformKeys = { [setting('id')]: Rsa.from(read(setting('file')), Rsa.KEY_TYPE_PUBLIC) };

// The plugin verifies every response with status 2xx except pictures, and throws if that fails.
const client = (certs, headers = {}) => new Wechatpay({ baseURL, mchid, serial: setting('serial_no'), privateKey, certs, headers, timeout: PATIENCE }).v3;
const v3 = client(platformKeys);
const service = v3.merchantService;
const complaint = service.complaintsV2.$complaint_id$;

// The sandbox's admin interface: it files complaints and acts as the payer.
const sandbox = async (path, members) => {
  const url = `${baseURL}/sandbox/${path}`;
  return (await (members ? axios.post(url, members) : axios.get(url))).data;
};
const refused = async (call, status, code) => {
  const error = await call.then(() => assert.fail('it was not refused'), (error) => error);
  assert.deepEqual([error.response?.status, error.response?.data?.code], [status, code], String(error));
};
const decrypt = ({ ciphertext, nonce, associated_data: associated }) => Aes.AesGcm.decrypt(ciphertext, apiv3Key, nonce, associated);

// A merchant's listener. The plugin verifies and opens its notifications.
class Receiver {
  #opened = [];

  #waiting = [];

  refused = 0;

  open(headers, body) {
    const header = (name) => headers[`wechatpay-${name}`];
    const key = platformKeys[header('serial')];
    const message = Formatter.response(header('timestamp'), header('nonce'), body);
    if (!key || !Rsa.verify(message, header('signature'), key)) return null;
    const notification = JSON.parse(body);
    return { ...notification, resource: JSON.parse(decrypt(notification.resource)) };
  }

  async listen() {
    const tls = { cert: read('sandbox_webhook.pem'), key: read('sandbox_webhook.key') };
    this.server = https.createServer(tls, (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
        const notification = this.open(request.headers, Buffer.concat(chunks).toString('utf8'));
        if (notification) {
          this.#opened.push(notification);
          this.#waiting.shift()?.();
        } else {
          this.refused += 1;
        }
        response.writeHead(notification ? 204 : 401).end();
      });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.url = `https://merchant.example:${this.server.address().port}/complaints`;
    return this;
  }

  async next(complaintId, eventType, actionType) {
    if (!this.#opened.length) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${actionType} arrived`)), PATIENCE);
        this.#waiting.push(() => { clearTimeout(timer); resolve(); });
      });
    }
    const { event_type: event, resource } = this.#opened.shift();
    assert.deepEqual([event, resource.complaint_id, resource.action_type], [eventType, complaintId, actionType]);
  }
}

const notifications = async () => {
  const receiver = await new Receiver().listen();
  const elsewhere = 'https://merchant.example/elsewhere';
  await refused(service.complaintNotifications.get(), 400, 'RESOURCE_NOT_EXISTS');
  assert.equal((await service.complaintNotifications.post({ url: elsewhere })).data.url, elsewhere);
  assert.equal((await service.complaintNotifications.put({ url: receiver.url })).data.url, receiver.url);
  assert.deepEqual((await service.complaintNotifications.get()).data, { mchid, url: receiver.url });

  const { complaint_id: filed } = await sandbox('complaints', { complaint_detail: '没有收到货' });
  await receiver.next(filed, 'COMPLAINT.CREATE', 'CREATE_COMPLAINT');
  await sandbox(`complaints/${filed}/messages`, { text: '在吗' });
  await receiver.next(filed, 'COMPLAINT.STATE_CHANGE', 'USER_RESPONSE');
  await sandbox(`complaints/${filed}/continue`, { text: '还没解决' });
  await receiver.next(filed, 'COMPLAINT.STATE_CHANGE', 'CONTINUE_COMPLAINT');

  // A faulty notification is refused, and its retry is valid.
  assert.equal(receiver.refused, 0);
  for (const fault of ['forged_signature', 'changed_body', 'probe', 'unknown_serial']) {
    await sandbox('faults', { kind: `notification_${fault}` });
    const { complaint_id: spoiled } = await sandbox('complaints', { complaint_detail: fault });
    await receiver.next(spoiled, 'COMPLAINT.CREATE', 'CREATE_COMPLAINT');
  }
  assert.equal(receiver.refused, 4);

  // An echo has its own URL.
  await v3.security.echo.post({ echo_message: 'hello', notify_url: receiver.url });
  assert.equal((await service.complaintNotifications.delete()).status, 204);
  receiver.server.closeAllConnections();
  receiver.server.close();
};

const upload = async () => {
  const meta = { filename: 'picture.png', sha256: createHash('sha256').update(PICTURE).digest('hex') };
  const form = new Multipart().append('meta', JSON.stringify(meta), 'meta.json').append('file', PICTURE, 'picture.png');
  return (await service.images.upload.post(form.getBuffer(), { meta, headers: form.getHeaders() })).data.media_id;
};

const complaints = async () => {
  const { complaint_id } = await sandbox('complaints', { complaint_detail: '重复扣费', amount: 2990, apply_refund_amount: 2990, payer_phone: '13900001234' });
  const day = (days) => new Date(Date.now() + (days * 24 + 8) * 3_600_000).toISOString().slice(0, 10);
  const params = { limit: 50, offset: 0, begin_date: day(-1), end_date: day(0), complainted_mchid: mchid };
  const { data: page } = await service.complaintsV2.get({ params });
  assert.equal(page.data.find((row) => row.complaint_id === complaint_id).complaint_state, 'PENDING');
  const { data: detail } = await complaint.get({ complaint_id });
  assert.equal(detail.complaint_detail, '重复扣费');
  assert.equal(Rsa.decrypt(detail.payer_phone, privateKey), '13900001234');

  const picture = await upload();
  const reply = { complainted_mchid: mchid, response_content: '您好，已核实', response_images: [picture] };
  assert.equal((await complaint.response.post(reply, { complaint_id })).status, 204);
  const { data: history } = await complaint.negotiationHistorys.get({ complaint_id, params: { limit: 50, offset: 0 } });
  const ours = history.data.find((entry) => entry.operate_type === 'MERCHANT_RESPONSE');
  assert.equal(ours.operate_details, '您好，已核实');
  const media_slot_url = ours.complaint_media_list.media_url[0].split('/images/')[1];
  const { data: image } = await service.images.$media_slot_url$.get({ media_slot_url, responseType: 'arraybuffer' });
  assert.deepEqual(Buffer.from(image), PICTURE);

  assert.equal((await complaint.updateRefundProgress.post({ action: 'APPROVE', launch_refund_day: 1 }, { complaint_id })).status, 204);
  await sandbox(`complaints/${complaint_id}/refund-received`, {});
  assert.equal((await complaint.get({ complaint_id })).data.complaint_state, 'PROCESSED');

  const { complaint_id: waiting } = await sandbox('complaints', { complaint_detail: '等着', need_immediate_service: true });
  const at = { complaint_id: waiting };
  const message = { blocks: [{ type: 'TEXT', text: { text: '马上处理' } }], sender_identity: 'MANUAL' };
  const quick = { complainted_mchid: mchid, idempotent_id: 'quick-1', message };
  assert.equal((await complaint.responseImmediateService.post(quick, at)).status, 200);
  assert.equal((await complaint.complete.post({ complainted_mchid: mchid }, at)).status, 204);
  assert.equal((await complaint.get(at)).data.complaint_state, 'PROCESSED');
  const nowhere = { complaint_id: '200000000000000000000000000' };
  await refused(complaint.complete.post({ complainted_mchid: mchid }, nowhere), 404, 'RESOURCE_NOT_EXISTS');
};

// The plugin decrypts the platform's certificates. One of them verifies its own response, and the response to a
// request that names it.
const certificates = async () => {
  const { data: text, headers } = await v3.certificates.get({ transformResponse: [(data) => data] });
  const certs = Object.fromEntries(JSON.parse(text).data.map(({ serial_no, encrypt_certificate }) => [serial_no, decrypt(encrypt_certificate)]));
  const serial = headers['wechatpay-serial'];
  const key = Rsa.from(certs[serial], Rsa.KEY_TYPE_PUBLIC);
  const signed = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], text);
  assert(Rsa.verify(signed, headers['wechatpay-signature'], key));
  const certified = client(certs, { 'Wechatpay-Serial': serial }).merchantService;
  const response = await certified.complaintsV2.get({ params: { begin_date: '2026-01-01', end_date: '2026-01-02', limit: 1, offset: 0 } });
  assert.equal(response.headers['wechatpay-serial'], serial);
  const stranger = client({ [setting('id')]: Object.values(certs)[0] }).merchantService;
  const error = await stranger.complaintsV2.get({ params: { begin_date: '2026-01-01', end_date: '2026-01-02' } }).catch((error) => error);
  assert.equal(error.code, 'EV3_RES_HEADER_SIGNATURE_DIGEST', 'another key verifies nothing');
};

const before = (await sandbox('requests')).data.length;
await notifications();
await complaints();
await certificates();
const asked = (await sandbox('requests')).data.slice(before);
assert.deepEqual(asked.filter((request) => !request.verified), []);
const operations = new Set(asked.map((request) => request.operation));
assert.equal(operations.size, 15, [...operations].join(', '));
console.log(`wechatpay-axios-plugin: ${operations.size} operations in ${asked.length} requests, and its certificates and notifications opened`);
