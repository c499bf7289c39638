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
