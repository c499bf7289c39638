# 命令行帮助的框架。各命令和选项的说明见 help.ftl。

guide-every-day = 日常：
guide-set-up = 设置：
guide-diagnosis = 诊断：
guide-simulation = 模拟：
guide-example = 示例：
guide-examples = 示例：
guide-forms = 输出形式：{ $forms }
guide-more = `complaints help COMMAND` 有每个命令的示例。
    想全部试一遍，请运行 `complaints demo`。

# 生成帮助的库自带的文字。

clap-usage = 用法：
clap-commands = 命令：
clap-arguments = 参数：
clap-options = 选项：
clap-output = 输出：
clap-variable = [环境变量：
clap-default = [默认值：
clap-values = [可选值：
clap-values-below = 可选值：

# 生成手册页的库自带的文字。

man-name = 名称
man-synopsis = 概要
man-description = 描述
man-options = 选项
man-output = 输出
man-commands = 命令
man-extra = 其他
man-version = 版本
man-variable = 也可以使用环境变量
man-variable-end = 指定。
