# 命令行。

checks-passed = { $count } 项检查全部通过
checks-failed = { $count } 项检查中有 { $failed } 项未通过

error-bad-signature = 签名验证不通过：内容是伪造的，或在传输中被改动，请勿采信。
error-stale-timestamp = 时间戳与本机时间相差过大：请校准本机时钟；检查保存的消息时，用 --now 给出收到的时间。
error-unknown-key = 没有与序列号对应的平台证书或公钥：请把它加进配置文件。
error-probe = 这是平台的签名探测流量：应答 4xx 或 5xx 即可，不是真实消息。
error-decrypt-failed = 无法解密：请核对配置中的密钥与商户平台上设置的是否一致。
error-malformed = 内容的格式无法识别，细节如下。
error-missing-header = 缺少验证所需的请求头或参数：请原样提供，中间的代理可能丢弃了它们。
error-too-large = 内容过大：平台不会发送这样的消息，应当拒收。
error-wrong-appid = 应用编号或商户号不符：消息不是发给这个账户的。
error-rejected = 平台或对方拒绝了请求，原话如下。
error-network = 网络不通或等待超时：请检查网络、代理和系统时间，然后重试。
error-config = 配置有误，请按下面的说明修改。
error-usage = 命令的用法有误或未获确认，请按下面的说明修改。
error-may-have-happened = 请求可能已经生效：重试之前请先查看投诉的协商历史。
error-explain = 用 complaints explain 可以逐项检查，查找原因。

# 表格的各列。名称：head-，列名。

head-due = 期限（北京时间）
head-channel = 渠道
head-merchant = 商户
head-id = 投诉单号
head-state = 状态
head-is-open = 待处理
head-filed = 投诉（北京时间）
head-reply-due = 回复（北京时间）
head-finish-due = 完成（北京时间）
head-deadline = 期限状态
head-amount = 金额（元）
head-apply-refund-amount = 申请退款（元）
head-transaction-id = 支付订单号
head-out-trade-no = 商户订单号
head-wxa-out-trade-no = 小程序订单号
head-wx-order-id = 虚拟订单号
head-service-order-id = 服务订单号
head-out-order-no = 商户服务订单号
head-problem-type = 用户诉求
head-user-complaint-times = 投诉次数
head-payer-phone = 电话
head-problem-description = 投诉主题
head-complaint-detail = 用户原话
head-waiting = 等待回复
head-complaint = 投诉单
head-note = 备注
head-asked = 提交（北京时间）
head-act = 操作
head-by = 提交人
head-ended = 结束（北京时间）
head-key = 幂等键
head-words = 平台的说明
head-time = 时间（北京时间）
head-number = 序号
head-event = 事件
head-of = 对象
head-check = 检查项
head-found = 结果

# 表格和详情中的值。

flag-yes = 是
flag-no = 否
waiting-now = 立即
waiting-yes = 是
coded-word = { $code }，{ $words }
explained-code = { $code }：{ $words }
china-time = { $time }（北京时间）
amount-yuan = { $yuan } 元
amount-asked = { $yuan } 元
phone-decrypt = 已加密，加上 --decrypt 可以查看
phone-by-form = 看起来是密文，JSON 输出中有原文
phone-encrypted = 已加密
pictures-count = [{ $count } 张图片]
outline-none = （无）

due-act-reply = 回复
due-act-finish = 完成
due-at = { $time }（北京时间），{ $status }
due-continued-at = { due-at }；{ due-from-continuation }
due-lapsed-at = { china-time }，{ due-said-over }
due-says-wechat-pay-customer-service = { source-wechat-pay-customer-service }，{ $page }
due-says-document = { source-document }
due-says-taken-as-wechat-pays = { source-taken-as-wechat-pays }

list-count = 共 { $count } 张投诉单
list-none = 没有投诉单
list-none-between = { $from } 至 { $to } 没有投诉单
inbox-note-unread = 尚未读取
inbox-note-again = 待重新读取
inbox-acts = 操作：
inbox-events = 事件：
inbox-history = 协商历史：

# 详情中各行的名称，以及下方文字和列表的名称。

line-complaint = 投诉单号
line-filed = { sheet-filed }
line-state = { sheet-state }
line-reply-due = 回复期限
line-finish-due = 完成期限
line-source = 期限依据
line-merchant = { sheet-merchant }
line-against = { sheet-accused }
line-wants = { sheet-demand }
line-refund = 申请退款
line-amount = { sheet-amount }
line-order = 订单
line-service-order = { sheet-service-order }
line-phone = { sheet-phone }
line-times = { sheet-times }
line-tags = { sheet-tags }
line-note = 注意
line-about = { sheet-about }
line-status = { sheet-state }
line-until = 截止时间
line-appeal = { sheet-appeal }
line-bought = { sheet-product }
line-paid = { sheet-paid }
line-yours = { sheet-order }
line-return = { sheet-return }
line-task = 任务编号
line-trade = { sheet-trade }
line-handled = { sheet-outcome }
line-handled-at = 处理时间
line-in-the-inbox = 收件箱
line-read = 读取时间
line-notification = 通知编号
line-event = 事件
line-made = 生成时间
line-company = 公司
line-record = 记录编号
line-penalty = 处罚
line-penalised = 处罚时间
line-risk = 风险
line-pushed = 推送时间
line-payer = 用户
line-retry = 重试次数
line-request = 请求编号
line-case = 业务编号
line-kind = 类型

below-payers-words = { sheet-words }：
below-your-words = 商户的说明：
below-platforms-words = { asked-quote }
below-pictures = { sheet-pictures }：
below-pictures-download = 图片（可用 complaints image download 下载）：

note-immediate-command = { note-immediate }请用 complaints reply --immediate 回复。
appeal-open-command = { appeal-state-401 }，用 complaints mini-program appeal 提交
order-empty = 平台没有返回详情
order-refunded = { $time } 退款
timeline-history-empty = 协商历史为空

violation-punish = 服务商的一个特约商户被处罚
violation-intercept = 服务商的一个特约商户被拦截
violation-appeal = 服务商的一个特约商户提出申诉
risk-transaction-dispute = 与用户的交易纠纷

pushed-complaint = 用户就虚拟支付提交投诉
pushed-restriction = 微信支付限制商户的功能或解除限制，不是投诉
pushed-number = { $id }：可用 complaints show { $id } --via virtual-payment 查看
pushed-no-number = 推送中没有单号：请用 complaints list --via virtual-payment 按订单号查找

# 标准错误上的提示。平台和程序库的原话单独成行。

warn-misfit =
    注意：{ $of }有一个成员无法读取，JSON 输出会原样给出：
    { "  " }{ $misfit }
warn-left-out =
    注意：有一个成员无法读取，下面的确认内容不包含它：
    { "  " }{ $misfit }
warn-more = 注意：{ $of }还有 { $more } 个成员无法读取
warn-of-complaint = 投诉单 { $id }{ " " }
warn-of-entry = 记录 { $id }{ " " }
warn-due-history =
    注意：期限未知，因为协商历史无法读取：
    { "  " }{ $told }
warn-due-complaint =
    注意：期限未知，因为投诉单无法读取：
    { "  " }{ $told }
warn-entries = 注意：有些记录无法读取，JSON 输出会原样给出
warn-documents = 注意：{ $count } 张投诉单的内容无法读取，对应的列为空

progress-complaints = 已读取 { $count } 张投诉单
progress-entries = 已读取 { $count } 条记录
progress-backup = 正在复制收件箱

# 更改之前的询问，以及结果。

confirm-go-ahead = 是否继续？[y/N，是/否]
confirm-complaint = 投诉单 { $id }
confirm-complaint-in = 投诉单 { $id }（{ $state }）
ask-reply = 将发送下面的回复，用户会看到：
ask-reply-immediately = 将发送下面的即时回复，用户会看到：
ask-complete = 将告诉平台：这张投诉单已经处理完成。
ask-approve = 将同意退款。这里不会划转资金，请另行办理退款。
ask-approve-of = 将同意退款 { $yuan } 元。这里不会划转资金，请另行办理退款。
ask-reject = 将拒绝退款。用户会看到原因：
ask-reject-of = 将拒绝退款 { $yuan } 元。用户会看到原因：
ask-agree = 将同意与用户协商解决，并说明：
ask-refuse = 将不同意与用户协商解决，并说明：
ask-supply-proof = 将提交下面的凭证：
ask-supply-refund = 将提交下面的退款或补救凭证：
ask-appeal = 将提交下面的申诉：

callback-complaints = 投诉通知
callback-penalties = 处罚通知
callback-create = { $posted }将发送到 { $url }。
callback-update = { $posted }将发送到 { $url }，不再发送到现在的地址。
callback-ensure = { $posted }将发送到 { $url }，代替其他地址。
callback-delete = { $posted }将不再发送。
callback-none = 没有登记地址

users-none = 还没有用户
users-added = 已添加 { $name }；运行中的服务收到 SIGHUP 后生效：systemctl reload complaints，或 kill -HUP 加进程号
users-removed = 已删除 { $name }；运行中的服务收到 SIGHUP 后生效：systemctl reload complaints，或 kill -HUP 加进程号
users-changed = 已修改 { $name }；运行中的服务收到 SIGHUP 后生效：systemctl reload complaints，或 kill -HUP 加进程号
secret-password = 密码
secret-new-password = 新密码
secret-ask = 请输入{ $what }：
secret-again = 再输入一次{ $what }：

warn-handlestate =
    注意：平台对 { $operation } 的应答有签名，但可能不完整，附带的状态：
    { "  " }handlestate { $state }{ $words }

# init：问题的名称由配置段和成员组成。

init-relative = 文件名以{ $folder }为准。密钥等机密留在各自的文件里，请输入文件名。
init-this-folder = 当前目录
init-written = 已写入 { $path }，只有您本人可以读取。请试试：complaints doctor --config { $path }
init-configure-wechat-pay = 是否配置微信支付？[y/N，是/否]
init-configure-mini-program = 是否配置小程序？[y/N，是/否]
init-configure-virtual-payment = 是否配置小程序的虚拟支付？[y/N，是/否]
init-configure-allinpay = 是否配置通联支付？[y/N，是/否]
init-always = 请输入{ $question }：
init-optional = 请输入{ $question }（直接回车则不设置）：
init-default = 请输入{ $question }（直接回车则为 { $value }）：
init-wechat-pay-mchid = 商户号
init-wechat-pay-private-key = 商户私钥的文件名 apiclient_key.pem
init-wechat-pay-certificate = 商户证书的文件名 apiclient_cert.pem
init-wechat-pay-serial-no = 商户证书的序列号
init-wechat-pay-apiv3-key-file = APIv3 密钥（32 个字符）的文件名
init-wechat-pay-platform-keys-id = 微信支付公钥的编号 PUB_KEY_ID_…，不设置则下载平台证书
init-wechat-pay-platform-keys-file = 微信支付公钥的文件名
init-mini-program-appid = 小程序的 AppID（wx…）
init-mini-program-app-secret-file = AppSecret 的文件名，用于查询和回复投诉
init-mini-program-token-file = 消息推送 Token 的文件名，用于接收投诉
init-mini-program-mode = 消息推送的加密方式，与后台一致：兼容模式 compatible 或安全模式 secure
init-mini-program-encoding-aes-key-file = EncodingAESKey（43 个字符）的文件名
init-virtual-payment-environment = AppKey 的环境：现网 production 或沙箱 sandbox
init-virtual-payment-app-key-file = AppKey 的文件名
init-allinpay-appid = 应用编号 appid
init-allinpay-cusid = 商户号 cusid
init-allinpay-orgid = 集团或代理商号 orgid
init-allinpay-private-key = 商户私钥的文件名
init-allinpay-platform-key = 通联公钥的文件名

# doctor：检查的结果和名称，以及发现的情况。

finding-ok = 正常
finding-warning = 警告
finding-failed = 失败
finding-unchecked = 未检查
check-sections = 配置段
check-merchant = 商户
check-private-key = 商户私钥
check-certificate = 商户证书
check-older-keys = 旧私钥
check-apiv3-key = APIv3 密钥
check-platform-keys = 平台公钥
check-platform-key = 平台公钥
check-platform = 平台
check-keys-at-the-platform = 密钥联调
check-secrets-at-the-platform = 密钥联调
check-clock = 时钟
check-notification-url = 通知地址
check-push-url = 推送地址
check-webhook = 接收服务
check-app-secret = 小程序 AppSecret
check-app-key = 虚拟支付 AppKey
check-token = 消息推送 Token
check-push = 消息推送
check-file-modes = 文件权限
check-addresses = 监听地址
check-listener = 监听证书
check-webhooks = 接收账户
check-api-tokens = API 令牌
check-users = 用户
check-replies = 回复模板
check-database = 数据库
check-writable = 写入权限
check-disk = 磁盘
check-endpoint = 转发地址
check-recipient = 通知对象

doctor-ends = { $serial } 有效期至 { $end }（北京时间）
doctor-ends-soon = { $serial } 有效期至 { $end }（北京时间），还有 { $days } 天，请提前更换
doctor-clock-untold = 平台的应答没有给出时间
doctor-clock-same = 与平台一致
doctor-clock-behind = 本机比平台慢 { $seconds } 秒
doctor-clock-ahead = 本机比平台快 { $seconds } 秒
doctor-clock-set = { $clock }，请校准时钟：相差 { $window } 秒起，消息会被拒绝
doctor-keys-first = 请先修复上面的密钥
doctor-secrets-first = 请先修复上面的密钥
doctor-form = 格式正确
doctor-key-kind = 与 sign_type 一致
doctor-another-kind = 其他类型
doctor-serial = 证书序列号 { $serial }
doctor-application = 应用编号 { $appid }
doctor-environment = 环境 { $environment }
doctor-older-keys = { $count } 个，用于解密旧数据
doctor-apiv3-length = 32 字节
doctor-apiv3-none = 没有：无法解密通知，请用 apiv3_key_file 指定文件
doctor-platform-keys-none = 没有：将下载平台证书，用 APIv3 密钥解密
doctor-keys-verify = 双方验签通过，敏感信息可以解密
doctor-keys-verify-alone = 双方验签通过；没有微信支付公钥，未测试敏感信息的解密
doctor-keys-list = 双方验签通过，已查询今天的投诉列表
doctor-pay-sig = 平台接受了签名 pay_sig，已查询今天的投诉列表
doctor-token-issued = 已取得接口调用凭证，并用它查询了处罚记录
doctor-app-secret-none = 没有：无法查询和回复投诉，请用 app_secret_file 指定文件
doctor-token-none = 没有：无法接收消息推送，请用 token_file 指定文件，并设置 mode
doctor-plain = 明文模式 plain 的消息没有签名：请在这里和后台都设置为 secure 或 compatible
doctor-push-form = Token 和 EncodingAESKey 的格式正确
doctor-url-untold = 平台没有查询接口，请在后台查看（{ $menu }）
doctor-url-wanted = 平台没有查询接口，后台应当设置为 { $url }
doctor-posted = 投诉通知发送到 { $url }
doctor-posted-elsewhere = 投诉通知发送到 { $url }，而不是 { $wanted }；可用 complaints callback ensure 替换
doctor-url-none = 没有登记：可用 complaints callback ensure { $url } 登记
doctor-echoes = { $url } 只对 Token 签名的请求返回验证串
doctor-refuses = { $url } 拒绝了错误的签名，符合要求
doctor-refuses-otherwise = { $url } 用 { $status } 拒绝了错误的签名，但不是本程序的应答：请确认那里是您的服务，并且对真实的消息应答 2xx
doctor-onward-form = 地址和密钥的格式正确
doctor-notice-usable = 可用；complaints notice test { $name } 会发送一条测试消息
doctor-addresses = 接收地址 { $webhooks }，页面和接口 { $desk }
doctor-listener = 证书与私钥匹配
doctor-webhooks = 每个账户都可以接收
doctor-tokens-none = 还没有：可用 complaints token add NAME --may act 生成
doctor-users-none = 还没有：可用 complaints users add NAME --may act 添加；在此之前用 serve 打印的链接进入页面
doctor-database-sound = { $path }：完好
doctor-database-none = { $path }：还没有，complaints serve 会创建
doctor-disk-free = 剩余 { $free } MiB
doctor-disk-little = { doctor-disk-free }；磁盘写满后会拒收消息，请清理空间
doctor-disk-unix = 只在 Unix 上检查剩余空间
doctor-modes-unix = 只在 Unix 上检查文件权限
doctor-mode-open = { $file }：权限 { $mode } 允许其他用户读取或修改；请用 chmod 0600，或对服务所在的组用 0640
doctor-modes-private = 其他用户无法读取或修改密钥文件

# listen、serve、sandbox。

message-notification = 通知
message-push = 推送
message-notice = 风控通知
listen-until = 正在接收，按 Ctrl-C 停止；消息会得到应答，但不保存
listen-forward = 转发到 { $url }
listen-forwarded = ，转发结果：{ $status }
listen-unsigned = ，没有签名：任何人都可能发送
listen-unreadable =
    ，无法读取：
    { "  " }{ $why }
listen-refused =
    已拒绝一条{ $message }：
    { "  " }{ $why }

serve-webhooks = 接收地址：{ $url }
serve-desk = 页面：{ $url }
serve-inbox = 收件箱：{ $path }
serve-until = 按 Ctrl-C 停止
serve-until-sandbox = 按 Ctrl-C 停止；模拟平台：{ $url }。可在另一个终端执行：
serve-link = 还没有用户。打开下面的链接进入页面，一小时内有效，只能使用一次：
serve-users = 添加用户（链接随即失效）：
sandbox-until = 模拟平台：{ $url }，按 Ctrl-C 停止。可在另一个终端执行：
sandbox-trigger = 模拟各种情况：
sandbox-file = 再提交一张投诉：
exchange-no-response = 没有应答
exchange-acknowledged = 已确认
exchange-not-acknowledged = 未确认
exchange-delivery = { $about } 发送到 { $path }，第 { $attempt } 次：{ $status }，{ $outcome }

# explain：各项检查及其结果。

explain-checks = 检查：
explain-passed = 通过
explain-failed = 失败
explain-not-reached = 未进行
explain-line = { $check }：{ $result }
explain-line-detail =
    { $check }：{ $result }
    { "      " }{ $detail }
explain-unsigned = 没有签名的拒绝，401 和网关的应答是这样
explain-check-size = 大小
explain-check-headers = 请求头
explain-check-probe = 签名探测
explain-check-clock = 时间戳
explain-check-key = 公钥
explain-check-signature = 签名
explain-check-envelope = 信封
explain-check-decryption = 解密
explain-check-status = 状态码
explain-check-body = 正文
explain-check-list = 列表
explain-check-certificates = 证书
explain-check-own-public-key = 用商户公钥验签
explain-check-query-and-envelope = 请求参数和信封
explain-check-application = 应用
explain-check-message = 消息
explain-check-environment = 环境
explain-check-given-pay-sig = 给出的 pay_sig
explain-check-members = 成员
explain-check-retcode = 返回码 retcode
explain-check-handlestate = 处理状态 handlestate
explain-check-records = 记录 records
explain-check-fields = 字段
explain-check-signtype = 签名类型 signtype
explain-check-notice = 通知

# demo。

demo-platforms = 模拟平台：{ $url }
demo-posted = 投诉通知发送到 { $url }
demo-stored = 收到投诉 { $id }：已验签、解密、保存
demo-decrypted = 收到投诉 { $id }：已验签、解密、保存
demo-found = 收到投诉 { $id }：已验签、解密、找到
demo-tried = 平台验证了 { $url }，签名正确
demo-task = 任务 { $task }：已验签、保存
demo-agreed = 同意：{ $words }
demo-responded = 用户回复了
demo-completed = 投诉已处理完成
demo-no-longer = 不再发送投诉通知
demo-entries = { $count } 条记录
demo-listed = { list-count }：SM2 签名，已验签
demo-since = { $state }，投诉时间 { $time }：{ $words }
demo-until = { $state }，期限 { $time }：{ $words }
demo-steps = 共 { $count } 步。微信支付投诉的协商历史：

# explain：使签名通过验证的改动、通常的来源，以及无法尝试的原因。

undo-final-newline = 去掉正文末尾的换行
place-line-end-added = 末尾被加上了换行：编辑器、echo 命令、日志
undo-no-final-newline = 在正文末尾加上换行
place-line-end-lost = 末尾的换行被去掉了：命令行的 $(…)、去除空白的字符串
undo-blanks = 去掉正文前后的空白
place-blanks = 前后被加上了空白：复制、日志
undo-nuls = 去掉正文后面的空字符
place-buffer = 写出了整个缓冲区，超出了正文的末尾
undo-crlf = 把正文的 CRLF 换成 LF
place-crlf = 换行符被改动：Windows 系统、以文本模式传输的文件
undo-lf = 把正文的 LF 换成 CRLF
place-lf = 换行符被改动：以文本模式传输的文件、git
undo-bom = 去掉正文开头的 BOM
place-bom = 开头被加上了 BOM：Windows 的编辑器和命令行
undo-utf-16 = 把正文从 UTF-16 转为 UTF-8
place-utf-16 = 以 UTF-16 保存：PowerShell 的 >、Windows 的编辑器、数据库
undo-chunks = 去掉正文中 HTTP 分块的长度
place-chunks = 在 HTTP 之下读取：原始套接字、抓包
undo-literal = 从字符串字面量中取出正文
place-literal = 连同转义符一起复制自源代码、调试器，或 Java、PHP、JavaScript、Python 的日志
undo-hex = 还原正文中的 \x 转义
place-hex = 复制自 nginx 的访问日志，它会转义引号和非 ASCII 字符
undo-html = 还原正文中的 HTML 转义
place-html = 被 HTML 转义：网页、htmlspecialchars 函数、防脚本注入的过滤器
undo-read-as-latin-1 = 把正文的字符当作 Latin-1 的字节
place-read-as-latin-1 = UTF-8 被当作 Latin-1 或 Windows-1252 读取：没有指定字符集的 Servlet、驱动或编辑器
undo-latin-1 = 把正文从 Latin-1 转为 UTF-8
place-latin-1 = 以 Latin-1 写出：没有指定字符集的程序
undo-slashes = 把正文的 \/ 换成 /
place-slashes = 斜杠被转义：PHP 的 json_encode
undo-no-slashes = 把正文的 / 换成 \/
undo-unicode = 还原正文中的 \u 转义
place-unicode = 非 ASCII 字符被转义：PHP 的 json_encode、Python 的 json.dumps
undo-no-unicode = 把正文的非 ASCII 字符换成 \u 转义
undo-markup = 还原正文中 <、>、&、=、' 的 \u 转义
place-markup = JSON 被按 HTML 转义：Go 的 encoding/json、Gson
undo-percent = 还原正文中的百分号编码
place-percent = 按 URL 或表单编码
undo-form = 对正文做表单解码
place-form = 按表单编码：空格成为 +，其余为百分号编码
undo-equals = 去掉正文后面的 =
place-equals = 表单解析器把整个正文当作了参数名
undo-parameter = 去掉正文前面的参数名
place-parameter = 作为表单参数传递
undo-base64 = 对正文做 base64 解码
place-base64 = 网关以 base64 传递正文：云函数、消息队列
undo-doubled = 去掉正文外层的引号，并把两个引号还原为一个
place-doubled = 复制自 CSV 文件或 C# 的逐字字符串
undo-member = 取出成员 body 的文本
place-member = 网关把请求包装成事件，正文是其中的文本
undo-surroundings = 去掉正文前后的其他内容
place-surroundings = 前后带有日志文字或请求头
undo-blanks-within = 去掉正文成员之间的空白
place-blanks-within = 成员之间被加上了空白：格式化工具、文档数据库、Python 的 json.dumps
variant-sign-plus = 把签名中的空格换成 +
variant-sign-percent = 还原签名中的百分号编码
variant-sign-url-safe = 把签名中的 - 和 _ 换成 + 和 /
variant-sign-slashes = 把签名中的 \/ 换成 /
variant-sign-html = 还原签名中的 HTML 转义
variant-sign-quotes = 去掉签名前后的空白和引号
variant-sign-blanks = 去掉签名中间的换行和空白
variant-sign-padding = 补上签名末尾缺少的 =
variant-sign-hex = 把签名当作十六进制
variant-sm2-empty = SM2 用户标识为空
variant-sm2-allinpay = SM2 用户标识为 Allinpay
variant-raw-for-der = 签名是 r‖s 原始格式，应为 DER
variant-sha-1 = 摘要用了 SHA-1，应为 SHA-256
variant-query-html = 还原请求参数中的 HTML 转义
variant-push-unchanged = 消息没有改动
variant-query-signature = 只验证了请求参数：msg_signature 的位置上是 signature
variant-query-plain = 只验证了请求参数：消息是明文，与明文模式相同
variant-query-encrypted = 验证了密文：signature 的位置上是 msg_signature，与兼容模式和安全模式相同
variant-sign-lower = 签名改为小写
variant-token-blanks = 去掉 Token 前后的空白
variant-token-line = Token 末尾加上换行
variant-encrypt-plus = 把 Encrypt 中的空格换成 +
variant-pay-sig-unchanged = 路径和正文没有改动，签名方法正确
variant-pay-sig-capitals = 签名是大写的十六进制，应为小写
variant-pay-sig-quotes = 签名前后有空白或引号
variant-pay-sig-base64 = 签名是 base64，应为十六进制
variant-pay-sig-body = 只对正文签名，没有路径和 &
variant-pay-sig-no-mark = 路径和正文之间没有 &
variant-pay-sig-path = 只对路径签名
variant-pay-sig-no-body = 只对路径和 & 签名，没有正文
variant-pay-sig-no-slash = 路径前面没有 /
variant-pay-sig-address = 用了完整地址，应为路径
variant-pay-sig-query = 路径后面有 ?
variant-pay-sig-order = 正文在路径之前
variant-pay-sig-env = 正文中的 env 是另一个环境
variant-app-key-line = AppKey 末尾有换行
variant-app-key-empty = AppKey 为空
variant-app-key-hex = 对 AppKey 做了十六进制解码
variant-app-key-base64 = 对 AppKey 做了 base64 解码
variant-app-secret = 把小程序的 AppSecret 当作了 AppKey
variant-hmac-sha-1 = 用了 HMAC-SHA1
variant-hmac-exchanged = 密钥和消息的位置颠倒
variant-sha-before = 用了 SHA-256 而不是 HMAC，AppKey 在消息之前
variant-sha-after = 用了 SHA-256 而不是 HMAC，AppKey 在消息之后
variant-sm2-default = SM2 用户标识为 1234567812345678，应为 Allinpay
variant-sm2-appid = SM2 用户标识为 appid，应为 Allinpay
variant-sm2-none = SM2 用户标识为空，应为 Allinpay
variant-der-for-raw = 签名是 DER 格式，应为 r‖s 原始格式
variant-sha-256 = 摘要用了 SHA-256，应为 SHA-1
place-rewritten = 框架解析之后重新写出了正文：请在解析之前保存原始字节
variant-both = { $first }，并且{ $second }
variant-unchanged = 消息没有改动，公钥也正确：公钥不在有效期内，或与 Wechatpay-Signature-Type 的算法不符
variant-another-key = 用公钥 { $id } 可以验证，而不是消息中指明的那个
variant-response-unchanged = 应答没有改动：sign_type 不符
variant-notice-unchanged = 通知没有改动：sign_type 不符
variant-notice-json = 字段应为表单，这里是 JSON
variant-other-key = 用{ $key }可以验证，而不是配置的公钥
published-key-rsa-production-key = 平台的 RSA 生产公钥
published-key-rsa-test-key = 平台的 RSA 测试公钥
published-key-sm2-production-key = 平台的 SM2 生产公钥
published-key-sm2-test-key = 平台的 SM2 测试公钥
published-key-own = 商户自己的公钥
lost-wechat-pay = 以下改动无法还原：成员顺序改变，数字和文本被重新解析和写出，日志截断或遮盖了文本，UTF-8 被当作 GBK 读取；请在解析之前保存正文的原始字节
lost-push = 以下改动无法还原：日志截断或遮盖了文本，正文被重新解析和写出；请在解析之前保存正文的原始字节，或核对 token_file 与后台是否一致：Token 可能不同
lost-plain = 明文模式只对请求参数签名：请原样保存请求参数，并核对 token_file 与后台是否一致
lost-pay-sig = 以下原因无法逐一尝试：用了另一个环境的 AppKey（后台每个环境各有一个），用了 session_key（它用于其他接口的 signature），路径后带有查询参数，成员顺序改变，数字和文本的写法不同；请对实际发送的字节签名
lost-allinpay = 以下改动无法还原：缺少或增加了成员，数字和对象被重新解析和写出，日志截断或遮盖了文本，UTF-8 被当作 GBK 读取；请在解析之前保存正文的原始字节
lost-notice = 以下改动无法还原：缺少或增加了字段（框架只读取已知的字段），日志截断或遮盖了文本，UTF-8 被当作 GBK 读取；请在解析之前保存正文的原始字节
lost-empty = 正文为空：数据流只能读取一次，可能已经读取过
lost-compressed = 正文是压缩的（{ $format }），而签名针对原文：请解压后重试
lost-gbk = 正文不是 UTF-8；如果以 GBK 保存，请用 iconv -f GBK -t UTF-8 转换之后重试
lost-replaced = 正文含有 U+FFFD：有程序替换了不是 UTF-8 的字节，无法恢复
lost-forged = 也可能是用其他密钥签名，或者是伪造的
