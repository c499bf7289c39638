# 网页。

page-title = 交易投诉
page-skip = 跳到正文
page-language-other = English

nav-label = 导航
nav-complaints = 投诉
nav-letters = 无法读取的消息
nav-numbers = 统计
nav-journal = 操作记录
nav-log-out = 退出
nav-user = 当前用户：{ $name }

list-title = 待处理投诉
list-empty = 没有符合条件的投诉。
list-due = 到期
list-state = 状态
list-channel = 渠道
list-merchant = 商户
merchant-named = { $name }（商户号 { $number }）
list-id = 投诉单号
list-filed = 投诉时间
list-amount = 金额
list-next = 下一页
list-status = 期限
list-product = 产品
list-search = 搜索（单号、订单号、内容）
list-all = 全部
list-show = 显示
list-show-open = 待处理
list-show-all = 全部投诉
list-filter = 筛选
list-china = 时间均为北京时间。
list-csv = 下载表格（CSV）
count-over = 已超时 { $number } 件
count-near = 即将到期 { $number } 件

live-changed = 列表已更新。
live-ended = 已停止更新，请重新登录。
live-paused = 暂时无法更新，正在重试。

numbers-title = 统计
numbers-from = 起始日期
numbers-to = 截止日期
chart-filed = 新投诉 · { $by }
chart-filed-words = 条的长度为新投诉的数量，斜纹部分为其中超时的。
chart-replied = 24 小时内回复的比例 · { $by }
chart-finished = 72 小时内完成的比例 · { $by }
chart-share-words = 占新投诉的百分比，时间未知的不计。
chart-repeated = 再次投诉 · { $by }
chart-repeated-words = 条的长度为新投诉的数量，斜纹部分为其中再次投诉的。
numbers-by-day = 按日期
numbers-by-merchant = 按商户
numbers-day = 日期
numbers-filed = 新投诉
numbers-replied = 24 小时内回复
numbers-replied-late = 回复超过 24 小时
numbers-reply-unknown = 回复时间未知
numbers-finished = 72 小时内完成
numbers-finished-late = 完成超过 72 小时
numbers-finish-unknown = 完成时间未知
numbers-repeated = 再次投诉
numbers-overdue = 超时
numbers-total = 合计
numbers-words = 按投诉提交的日期（北京时间）统计。时间未知的不计为超时。

left-hours = 还剩 { $hours } 小时
left-minutes = 还剩 { $minutes } 分钟
late-hours = 已超时 { $hours } 小时
late-minutes = 已超时 { $minutes } 分钟

login-title = 登录
login-name = 用户名
login-password = 密码
login-button = 登录
login-wrong = 用户名或密码不正确。
login-link = 尚未添加用户：请打开启动时终端上显示的一次性链接。
login-wait = 失败次数过多，请 { $minutes } 分钟后再试。
login-wait-seconds = 失败次数过多，请 { $seconds } 秒后再试。
login-kept = 登录已结束，没有发送任何内容。重新登录之后，您写的内容会回到表单里。

link-words = 这是一次性链接，只能使用一次。点击按钮即可进入。
link-button = 进入

arrival-go-on = 继续

problem-title = 未能完成
problem-back = 返回投诉列表
problem-not-found = 没有找到。请返回列表再查一次。
problem-malformed = 地址或表单不完整。请返回列表重新操作。
problem-may-not-act = 当前用户只能查看，不能操作。
problem-no-origin = 浏览器没有说明表单的来源。请从本页面重新提交。
problem-stale-form = 表单属于另一次登录，没有提交任何内容。请重新打开页面再提交。
problem-too-large = 提交的内容过大，没有保存任何内容。
problem-store = 数据库暂时无法读写，没有保存任何内容。请稍后重试，或联系管理员。
problem-busy = 服务器正忙，没有保存任何内容。请稍后重试。
problem-no-such-path = 没有这个地址。请返回列表再查一次。
problem-method = 这个地址不能直接打开。请返回列表重新操作。
problem-foreign-origin = 请求来自其他网站，没有执行。请从本页面操作，或联系管理员。
problem-unknown-host = 这个网址不是本服务器的网址。请使用管理员提供的网址。
problem-other = 请求没有完成。请返回列表重试；如果仍不行，请联系管理员。
problem-used-link = 链接已用过、已过期或不正确。请重新启动服务以获得新链接，或添加用户（complaints users add）。
