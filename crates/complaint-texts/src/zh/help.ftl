# 命令行帮助的中文；英文见各命令的源码。名称：help，命令，两个连字符，选项或参数，再加两个连字符为可选值。
# 一个参数先找自己的命令，再找上一级的命令，最后找 any。句末不写句号。

help-complaints = 微信交易投诉：查询和回复投诉单，验证消息，为请求签名

# 所有命令。

help-any--config = 配置文件。其中的文件名相对于配置文件所在的目录
help-any--account = 同一渠道配置了多个商户或应用时选择其中一个，写编号（`mchid`、`appid`、`cusid`）或 `name`
help-any--output = 输出形式，各命令支持的形式见其帮助。默认：在终端上为表格或明细，其他情况为 JSON
help-any--output--table = 供人阅读：表格和明细
help-any--output--json = 一个 JSON 值
help-any--output--jsonl = 每行一个 JSON 对象
help-any--output--csv = 供程序读取的 CSV，不带 BOM：文本原样，金额以分为单位，时间为 UTC
help-any--output--excel = 供 Excel 打开的 CSV，带 BOM：编号为文本，金额以元为单位，时间为北京时间；公式不会被计算
help-any--color = 何时使用颜色。`auto` 在终端上使用，设置了 `NO_COLOR` 时除外
help-any--color--auto = 在终端上使用，前提是 `NO_COLOR` 为空，且 `TERM` 不是 `dumb`
help-any--color--always = 始终使用
help-any--color--never = 不使用
help-any--lang = 供人阅读的文字的语言，JSON 和 CSV 不受影响。默认：终端的语言，由 `LC_ALL`、`LC_MESSAGES` 或 `LANG` 决定；既非中文也非英文时为英文

help-any--help = 显示帮助：-h 简短，--help 详细
help-any--version = 显示版本
help-help = 显示本帮助，或指定命令的帮助

# 多个命令共用。

help-any--via = 投诉单所在的渠道。小程序的交易投诉见 `mini-program`
help-any--merchant = 代理商代为操作的商户，即列表中的 `merchantNo`。仅限通联
help-any--columns = 表格或 CSV 的列，按所写顺序，以逗号分隔。写错列名时会列出全部列名。默认：表格为终端放得下的列，CSV 为所有列
help-any--yes = 不再确认，直接执行
help-any--dry-run = 只打印签名后的请求，不发送。事先要上传的图片在成员 `before` 中，图片编号以占位符代替
help-any--id = 投诉单号
help-any--accused = 被投诉商户。默认：投诉单上的商户。仅限微信支付
help-any--due-within = 只列出下一个期限已过、未知或在这段时间之内的投诉单，如 30m、6h、2d，最长 365d
help-any--headers = 报文头：每行一个 `Name: value`，或 `curl -v` 的输出、JSON、程序打印的 map
help-any--body = 正文，须与收到的逐字节相同；`-` 表示标准输入
help-any--now = 检查时间戳所用的时间，为 1970 年以来的秒数。默认：本机时钟
help-any--may--read = 可以查看投诉单和事件
help-any--may--act = 可以查看，也可以提交操作
help-any--image-id = 已上传图片的编号

# 日常。

help-list = 列出一段日期内的投诉单
help-list--from = 起始日期（北京时间）。默认：截止日期之前 29 天
help-list--to = 截止日期（北京时间）。默认：今天
help-list--state = 只列出这个状态的投诉单：PENDING、PROCESSING 或 PROCESSED
help-list--open = 只列出商户仍需处理的投诉单
help-list--accused = 只列出投诉这个商户的投诉单，供服务商使用。仅限微信支付
help-list--page-size = 每页的投诉单数。默认：50。仅限微信支付
help-list--decrypt = 用商户的密钥或旧密钥解密并显示 `payer_phone`。仅限微信支付。不用此项时，表格和 CSV 会隐藏电话号码

help-show = 查看一张投诉单
help-show--decrypt = 用商户的密钥或旧密钥解密并显示 `payer_phone`。仅限微信支付

help-history = 查看一张投诉单的协商历史，从早到晚

help-reply = 回复用户
help-reply--text = 回复内容，最多 500 个字
help-reply--text-file = 写有回复内容的文件；`-` 表示标准输入。文件末尾的换行会被去掉
help-reply--image = 要上传并发送的图片，要求同 `image upload`；总共最多 4 张
help-reply--url = 回复下方的链接，须有发送链接的权限。仅限微信支付
help-reply--url-text = 链接的文字，最多 10 个字
help-reply--immediate = 即时回复正在等待即时服务的用户。仅限微信支付
help-reply--idempotent-id = 即时回复的编号，平台对同一编号只处理一次。默认：随机生成

help-complete = 反馈处理完成

help-refund = 审批用户的退款申请。同意退款不会划转资金
help-refund--approve = 同意退款。退款本身要另行办理
help-refund--reject = 拒绝退款
help-refund--days = 与 `--approve` 合用：几个工作日内发起退款，0 表示当天。通联必填
help-refund--reason = 与 `--reject` 合用：拒绝原因，最多 200 个字，用户可见
help-refund--image = 与 `--reject` 合用：要上传并发送的图片；总共最多 4 张
help-refund--image-id = 与 `--reject` 合用：已上传图片的编号
help-refund--remark = 给商户自己的备注，最多 200 个字。与 `--approve` 合用时仅限微信支付

help-image = 上传或下载图片
help-image-upload = 上传图片，回复以编号引用它
help-image-upload--file = JPEG、BMP 或 PNG 文件，不超过 2 MiB；`--via virtual-payment` 时为 JPEG、BMP、PNG 或 GIF 文件，不超过 1 MiB
help-image-upload--link = 供平台自行获取图片的地址，`http` 或 `https`，任何人可读，不重定向，图片不超过 2 MB。仅限虚拟支付
help-image-upload--name = 与 `--link` 合用：图片的名称。默认：地址路径的最后一段
help-image-download = 下载投诉单或协商历史中的图片
help-image-download--media = 投诉单中的 `media_url`，原样填写。微信支付也可以填媒体文件标识
help-image-download--complaint = 图片所在的投诉单。`--via virtual-payment` 时必填
help-image-download--file = 要写入的文件；`-` 表示标准输出
help-image-download--force = 覆盖已有的文件
help-image-permit = 申请获取用户图片的许可，即 GET 请求的 `Authorization` 头。仅限虚拟支付
help-image-permit--media = 投诉单中的 `media_url`，原样填写
help-image-permit--complaint = 图片所在的投诉单
help-image-permit--convert-cos = 同时申请图片副本的普通链接 `cos_url`，30 分钟内有效
help-image-permit--dry-run = 只打印签名后的请求，不发送

help-mini-program = 查看小程序的投诉单，回复、补充凭证、申诉
help-mini-program--id = 投诉单号，即 `complaint_order_id`，不是订单号
help-mini-program--text = 文字内容
help-mini-program--image = 要上传并发送的图片，JPEG、PNG、BMP 或 GIF
help-mini-program--image-id = 3 天内上传的图片的编号
help-mini-program-show = 查看一张投诉单的状态和协商历史
help-mini-program-reply = 回复用户，并表示同意或不同意协商解决
help-mini-program-reply--agree = 同意协商解决
help-mini-program-reply--refuse = 不同意协商解决
help-mini-program-supply-proof = 补充平台要求的凭证
help-mini-program-supply-refund = 补充退款或其他补救的凭证
help-mini-program-supply-refund--accept-return = 退货期间：是否已收到退货。平台没有公布取值
help-mini-program-supply-refund--return-id = 退货期间：退货单号，即详情中的 `return_id`
help-mini-program-appeal = 对平台的判定提出申诉，须在平台允许申诉期间
help-mini-program-upload = 上传图片，编号 3 天内有效
help-mini-program-upload--file = JPEG、PNG、BMP 或 GIF 文件，不超过 10 MiB。平台是否接受超过 2 MiB 的文件未经证实
help-mini-program-upload--dry-run = 只打印请求，不发送

help-inbox = 查看服务器收件箱中的投诉单：列出、查看、导出。服务器可以正在运行
help-inbox--open = 只列出未完结的投诉单
help-inbox--closed = 只列出已完结的投诉单
help-inbox--channel = 只列出这个渠道的投诉单：wechat-pay、mini-program、virtual-payment、allinpay；支付宝的投诉为 allinpay-alipay
help-inbox--merchant = 只列出这个商户或应用的投诉单：`mchid`、`appid` 或 `cusid`
help-inbox--state = 只列出处于这个状态的投诉单，写平台的状态名，如 PENDING
help-inbox--product = 只列出关于这件商品的投诉单，写完整的商品名
help-inbox--text = 只列出能找到全部这些词的投诉单：投诉单号、订单号或用户写的内容。以空格分隔，最多 8 个词
help-inbox--due-before = 只列出下一个期限在这个时间之前或未知的投诉单，RFC 3339 格式，如 2026-11-29T16:00:00+08:00
help-inbox--database = 服务器的数据库。默认：配置文件中 `[inbox]` 的 `database`
help-inbox-list = 列出投诉单，最早到期的在前
help-inbox-show = 查看一张投诉单：内容、协商历史、操作和事件
help-inbox-show--complaint = 投诉单，写作 CHANNEL/MERCHANT/ID；只属于一个账户时写单号即可
help-inbox-export = 导出投诉单及其内容，为供 Excel 打开或供程序读取的形式。电话号码会隐藏
help-inbox-export--file = 要写入的文件，只有当前用户可读，要么完整写入，要么不写。默认：标准输出
help-inbox-export--force = 覆盖已有的文件
help-inbox-backup = 将数据库完整复制到新文件，供灾后恢复使用
help-inbox-backup--file = 要写入的文件，只有当前用户可读，要么完整写入，要么不写。其保密程度与收件箱相同
help-inbox-backup--force = 覆盖已有的文件

# 设置。

help-init = 询问配置所需的内容，逐项检查，写入 `complaints.toml`
help-init--channel = 要配置的渠道，可以写多次。默认：`--set` 中的渠道，或在终端上询问
help-init--set = 配置的一项，不再询问，如 `wechat-pay.mchid=1900007291`。密钥和秘密写其文件名

help-serve = 运行服务器直到停止：为配置中的所有商户接收、读取和处理投诉单，提供网页、JSON 接口和事件流
help-serve--sandbox = 同时运行模拟平台，无需任何配置
help-serve--folder = `--sandbox` 的目录，保存配置、密钥、数据库、令牌和模拟平台的投诉单。下次启动时接着用

help-users = 添加、列出和删除网页的用户，修改其密码
help-users--name = 用户名：任何文字的字母或数字，以及点、连字符、下划线
help-users-add = 添加用户。密码在终端上询问，或为标准输入的一行；文件中只保存其散列值。正在运行的服务器收到 SIGHUP 后重新读取文件
help-users-add--may = 用户的权限
help-users-list = 列出用户
help-users-remove = 删除用户。服务器重新读取文件后，其登录随即失效
help-users-password = 修改用户的密码。服务器重新读取文件后，先前的登录随即失效

help-token = 生成 API 的令牌
help-token-add = 生成令牌并打印，只打印一次：文件中只保存其散列值。正在运行的服务器收到 SIGHUP 后重新读取文件
help-token-add--name = 令牌持有者的名称：字母、数字、点、连字符或下划线
help-token-add--may = 令牌的权限

help-onward = 把事件重新转发给您的服务
help-onward--token-file = 令牌文件，令牌须有 `act` 权限
help-onward--desk = desk 的地址：`https`，本机可以用 `http`。默认：配置中的地址
help-onward-replay = 把事件再次转发给一个端点，编号不变，由正在运行的服务器发送
help-onward-replay--endpoint = 端点的名称
help-onward-replay--dead = 已放弃转发的事件
help-onward-replay--after = 编号大于此数的所有事件
help-onward-forget = 删除已不在配置中的端点，连同待转发给它的事件
help-onward-forget--endpoint = 端点原来的名称

help-notice = 查看由群机器人、命令和网址通知的接收方，并发送测试消息
help-notice-list = 列出配置中的接收方
help-notice-test = 发送测试消息。服务器无需运行
help-notice-test--name = 接收方的名称。默认：所有接收方

help-callback = 创建、查询、更换或删除接收微信支付投诉通知或处罚通知的网址
help-callback--violations = 改为处理接收处罚通知的网址，平台把服务商的商户受到的处罚发送到这里（`VIOLATION.PUNISH`、`VIOLATION.INTERCEPT`、`VIOLATION.APPEAL`）。仅限服务商
help-callback--url = `https`，公网域名，不带查询参数，最多 255 个字符
help-callback-create = 创建通知网址。`ensure` 还会替换已有的网址
help-callback-get = 查询通知网址
help-callback-update = 更换通知网址
help-callback-delete = 删除通知网址，平台不再发送消息。没有网址时也算成功
help-callback-ensure = 创建或更换通知网址。已是这个网址时也算成功

help-completions = 打印 Shell 的补全脚本
help-completions--shell = 使用的 Shell
help-man = 打印手册页，或为每个命令各写一页到一个目录
help-man--folder = 写入 `complaints.1` 和各命令手册页的目录，替换旧的手册页。默认：把 `complaints` 的手册页写到标准输出

# 诊断。

help-doctor = 检查服务所需的一切，并说明如何修正：密钥、时钟、令牌、网址和服务器的数据库。不会改动投诉单
help-doctor--public-url = 平台访问 webhook 的地址。默认：`[serve]` 的 `public_url`。两者都没有时，只检查在微信支付设置的网址

help-self-test = 向平台验证密钥和时钟。不会改动投诉单

help-listen = 接收平台发来的消息：验证、打印、转发
help-listen--address = 监听地址，端口 0 表示任意空闲端口。默认：`[serve]` 的 `webhooks`，证书也取自那里；没有证书时，由前面的代理或隧道提供 TLS
help-listen--forward-to = 把验证通过的消息转发到这个网址，报文头、查询参数和正文不变，并把它的应答返回给平台。网址没有路径时，沿用消息的路径。`plain` 模式的推送没有签名，也会转发

help-explain = 显示待签名串和每项检查，签名验不过时寻找能使它通过的改动

    `explain open …` 可以简写为 `explain …`。退出码与被解释的命令相同
help-explain-open = 同 `open`
help-explain-sign = 同 `sign`

help-open = 验证、解密并打印保存的消息
help-open-wechat-pay = 微信支付的通知
help-open-wechat-pay-response = 微信支付接口的应答
help-open-wechat-pay-response--status = HTTP 状态码
help-open-wechat-pay-certificates = 微信支付的平台证书列表，用 APIv3 密钥解密
help-open-wechat-pay-certificates--body = 应答的正文；`-` 表示标准输入
help-open-mini-program = 推送给小程序的消息
help-open-mini-program--query = 推送网址的查询参数 `signature=…&timestamp=…&nonce=…`，原样填写
help-open-allinpay = 通联投诉接口的应答，其中的 `records` 会被解码
help-open-allinpay-notice = 通联发到风控通知地址的通知

help-decode = 读取并打印没有签名的文档。只用于您信任的文档
help-decode--file = JSON 文档；`-` 表示标准输入
help-decode--decrypt = 用商户的密钥或旧密钥解密并显示 `payer_phone`
help-decode-complaint = 一张投诉单，即详情接口返回的内容
help-decode-complaint-page = 投诉单列表的一页
help-decode-history = 协商历史的一页
help-decode-history--decrypt = 与投诉单的选项一致，没有作用：协商历史中没有加密的成员
help-decode-push = 推送给小程序的消息，明文
help-decode-push--file = XML 或 JSON 文档；`-` 表示标准输入

help-sign = 为请求签名，不发送
help-sign-wechat-pay = 微信支付的请求：打印 Authorization 头
help-sign-wechat-pay--method = HTTP 方法
help-sign-wechat-pay--target = 路径和查询参数，与发送的完全一致
help-sign-wechat-pay--body = 正文，须与发送的逐字节相同；`-` 表示标准输入。上传图片时为 `meta` 部分
help-sign-wechat-pay--now = 参与签名的时间，为 1970 年以来的秒数。默认：本机时钟
help-sign-wechat-pay--nonce = 参与签名的随机串，1 到 32 个字母或数字。默认：随机生成
help-sign-virtual-payment = 虚拟支付的请求：打印 `pay_sig`
help-sign-virtual-payment--target = 路径，如 `/xpay/get_complaint_list`。查询参数不参与签名，不要填写
help-sign-virtual-payment--body = 正文，须与发送的逐字节相同；`-` 表示标准输入
help-sign-virtual-payment--pay-sig = 另一程序算出的 `pay_sig`，用于比较。`explain` 会说明为什么不同
help-sign-allinpay = 通联的请求：打印包括 `sign` 在内的所有参数
help-sign-allinpay--param = 表单的一个参数，不编码。`appid`、`cusid`、`orgid`、`version`、`randomstr` 和 `signtype` 有默认值

# 模拟。

help-demo = 在模拟平台上演示投诉的完整流程。无需配置，不连接真实平台
help-demo--slow = 每一步之前停顿

help-sandbox = 运行模拟平台直到停止。会写出一份配置，可以用来试用所有命令
help-sandbox--port = 127.0.0.1 上的监听端口，0 表示任意空闲端口
help-sandbox--folder = 保存配置、密钥和投诉单的目录。下次启动时接着用
help-sandbox--time-scale = 重发速度与真实平台之比：10 为十倍，0.5 为一半
help-sandbox--quiet = 不逐行打印请求和推送
help-sandbox-trigger = 让正在运行的模拟平台发生一件事：用户留言、推送丢失、平台故障
help-sandbox-trigger--story = 要发生的事：`--list` 中的名称
help-sandbox-trigger--list = 列出所有情景及其选项
help-sandbox-trigger--merchant = 涉及的商户。默认：配置中的商户
help-sandbox-trigger--id = 涉及的投诉单。默认：最新的一张适用的投诉单，没有则新建
help-sandbox-trigger--seconds = 故障持续的秒数。默认：30
help-sandbox-trigger--status = 小程序投诉单要变成的状态。默认：206
help-sandbox-trigger--folder = 正在运行的模拟平台的目录
