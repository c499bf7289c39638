# 发给群机器人的通知。每条都有“投诉”二字，机器人可以用它作关键词。

notice-one = 投诉通知：{ $text }
notice-many = 投诉通知：共 { $count } 条
notice-first = 投诉通知：共 { $count } 条，以下是最早到期的 { $shown } 条
notice-id = 单号：{ $id }
notice-state = 状态：{ $state }
notice-reply-due = 须在 { $time } 前回复（{ $left }）
notice-finish-due = 须在 { $time } 前处理完成（{ $left }）
notice-words = 用户：{ $words }
notice-act = 操作未成功：{ $act }，{ $outcome }
notice-act-unknown = 操作结果未知，可能已经成功，请先核对协商历史：{ $act }
notice-letters = 无法读取的消息 { $count } 条，需要人工处理
notice-dead = 已放弃的转发 { $count } 条，需要人工处理
notice-test = 这是一条测试消息
