"""The words of the card, in both languages."""

from __future__ import annotations

import re

from salus.contracts.text import Language
from salus.contracts.text import LocalizedText as Text

MEASURES = {
    "auroc": Text("AUROC (area under the ROC curve)", "AUROC（ROC 曲线下面积）"),
    "auprc": Text("AUPRC (area under the precision-recall curve)", "AUPRC（精确率—召回率曲线下面积）"),
    "accuracy": Text("accuracy", "准确率"),
    "balanced_accuracy": Text("balanced accuracy", "平衡准确率"),
    "sensitivity": Text("sensitivity", "灵敏度"),
    "specificity": Text("specificity", "特异度"),
    "ppv": Text("positive predictive value", "阳性预测值"),
    "npv": Text("negative predictive value", "阴性预测值"),
    "f1": Text("F1 score", "F1 分数"),
    "brier": Text("Brier score (lower is better)", "Brier 评分（越低越好）"),
    "ece": Text("expected calibration error (lower is better)", "期望校准误差（越低越好）"),
    "coverage": Text("coverage of the prediction sets", "预测集覆盖率"),
    "set_size": Text("mean size of the prediction sets", "预测集平均大小"),
    "augrc": Text("AUGRC (risk under abstention, lower is better)", "AUGRC（弃答下的广义风险，越低越好）"),
    "aurc": Text("AURC (risk under abstention, lower is better)", "AURC（弃答下的风险，越低越好）"),
    "selective_accuracy_80": Text("accuracy on the 80 % most confident answers", "置信度最高的 80% 回答的准确率"),
    "mcc": Text("Matthews correlation coefficient", "马修斯相关系数"),
    "log_loss": Text("log loss (lower is better)", "对数损失（越低越好）"),
    "event1": Text("event 1 score: min(sensitivity, PPV)", "事件 1 得分：min(灵敏度, 阳性预测值)"),
    "event2": Text(
        "event 2 score: range-normalised Hosmer-Lemeshow H (lower is better)",
        "事件 2 得分：归一化 Hosmer–Lemeshow H（越低越好）",
    ),
    "c_index": Text("C-index (Harrell)", "C 指数（Harrell）"),
    "c_index_ipcw": Text("C-index, weighted for censoring (Uno)", "删失加权 C 指数（Uno）"),
    "ibs": Text(
        "integrated Brier score, weighted for censoring (lower is better)", "删失加权综合 Brier 评分（越低越好）"
    ),
    "d_calibration": Text("D-calibration (p value; small is bad)", "D-校准（p 值；过小为差）"),
    "mae": Text("mean absolute error (lower is better)", "平均绝对误差（越低越好）"),
    "rmse": Text("root mean squared error (lower is better)", "均方根误差（越低越好）"),
    "r2": Text("share of variance explained (R²)", "决定系数 R²"),
    "within": Text("share of answers close to the truth", "接近真值的回答比例"),
    "interval_width": Text("mean width of the interval", "区间平均宽度"),
    "outcome_rmse": Text(
        "error of the outcome under the option given (RMSE, lower is better)",
        "已接受方案下结局的误差（RMSE，越低越好）",
    ),
    "policy_value": Text("expected outcome if the recommendation were followed", "遵循推荐时的预期结局"),
    "overlap": Text("share of patients with overlap", "重叠充分的患者比例"),
    "recommended_difference": Text(
        "outcome of those treated as recommended less that of the others", "按推荐治疗者与其他患者的结局差值"
    ),
    "sqrt_pehe": Text("error of individual effects (√PEHE, lower is better)", "个体效应误差（√PEHE，越低越好）"),
    "ate_error": Text("error of the average effect (lower is better)", "平均效应误差（越低越好）"),
    "gap": Text("mean gap to the reference cost (lower is better)", "与参考代价的平均差距（越低越好）"),
    "violations": Text("broken hard constraints", "违反的硬约束数"),
    "solved": Text("share of instances solved", "求解成功的实例比例"),
}
PARTS = {
    "train": Text("training part", "训练集"),
    "validation": Text("validation part", "验证集"),
    "test": Text("test part", "测试集"),
    "example": Text("its own example", "自带示例"),
}
SEVERITIES = {
    "note": Text("note", "提示"),
    "warning": Text("warning", "警告"),
    "refusal": Text("refusal", "拒绝"),
}
MISSING = {
    "reject": Text("the request is rejected", "拒绝该请求"),
    "abstain": Text("the answer is an abstention", "弃答"),
    "model": Text("the model handles it", "由模型处理"),
}
RULES = {
    "youden": Text(
        "the threshold with the largest sum of sensitivity and specificity (Youden's J)",
        "使灵敏度与特异度之和最大的阈值（约登指数）",
    ),
    "accuracy": Text("the threshold with the largest accuracy", "使准确率最大的阈值"),
    "event1": Text(
        "the threshold at which the smaller one of sensitivity and positive predictive value is largest",
        "使灵敏度与阳性预测值中较小者最大的阈值",
    ),
}
AT_LEAST = {
    "sensitivity": Text(
        "the highest threshold with a sensitivity of at least {value}", "灵敏度不低于 {value} 的最高阈值"
    ),
    "specificity": Text(
        "the lowest threshold with a specificity of at least {value}", "特异度不低于 {value} 的最低阈值"
    ),
}
KINDS = {
    "classification": Text("classification", "分类"),
    "survival": Text("time to event", "生存分析"),
    "treatment": Text("choice between options", "方案选择"),
    "regression": Text("a number with its interval", "数值预测"),
    "planning": Text("planning", "排程"),
}
EXPLAINERS = {
    "evidence_map": Text(
        "A picture's answer comes with an evidence map (class activation map): where in the picture the network "
        "found "
        "support for a class. It shows what the network used, not where a disease is.",
        "图像的回答附有证据图（类激活图）：显示网络在图中何处找到支持某一类别的依据。它说明网络用了什么，而不是"
        "病灶在哪里。",
    ),
    "shapley": Text(
        "An answer comes with the contribution of each input (Shapley values, in log-odds of the finding or in "
        "the unit of what is explained): together "
        "with the base value they sum to the output. They say what the model used, not what causes the disease.",
        "回答附有每个输入的贡献（Shapley 值，单位为该征象的对数几率或所解释量的单位）：与基准值相加即为输出。"
        "它们说明模型用了什么，而不是疾病的成因。",
    ),
    "event_shapley": Text(
        "An answer comes with the contribution of each input and of the observations over time (Shapley "
        "values), and with "
        "a heat strip: what each variable added in each stretch of time. They say what the model used, not what "
        "causes the "
        "course.",
        "回答附有每个输入及随时间观测的贡献（Shapley 值）与热力条：各变量在各时段的贡献。它们说明模型用了什么，"
        "而不是病程的成因。",
    ),
    "what_if": Text(
        "A plan comes with its cost by soft constraint and with what binds it; what one more nurse or hour "
        "would save is "
        "found by solving again.",
        "排程附有各软约束的代价及其瓶颈；增加一名护士或一小时可节省多少，由重新求解得出。",
    ),
}
WORDS = {
    "version": Text(
        "Model package `{name}`, version {version}. {kind}.", "模型包 `{name}`，版本 {version}。任务类型：{kind}。"
    ),
    "demonstration": Text(
        "**Demonstration.** This model was trained on generated data. Its answers say nothing about any patient.",
        "**演示模型。** 该模型用生成的数据训练，其回答不说明任何患者的情况。",
    ),
    "asked": Text("What it answers", "回答什么问题"),
    "inputs": Text("What it takes", "输入"),
    "input_columns": Text("input|meaning|unit|valid range|if missing", "输入|含义|单位|有效范围|缺失时"),
    "use": Text("Intended use", "预期用途"),
    "limits": Text("Limits", "局限"),
    "good": Text("How good it is", "性能"),
    "tested": Text(
        "The test part was read once, at the end; nothing was chosen by it.",
        "测试集只在最后读取一次，未用于任何选择。",
    ),
    "untested": Text(
        "No test part was at hand when the package was made. The model, its calibration and its threshold were "
        "chosen "
        "on the validation part, so the figures below are likely better than on new data.",
        "制作模型包时没有可用的测试集。模型、校准和阈值均在验证集上选定，因此下列数字可能好于在新数据上的表现。",
    ),
    "report": Text("{part}: {count} samples", "{part}：{count} 个样本"),
    "measure_columns": Text("measure|value|interval|samples", "指标|数值|区间|样本数"),
    "subgroup_columns": Text("subgroup|measure|value|interval|samples", "亚组|指标|数值|区间|样本数"),
    "subgroups": Text("By subgroup", "按亚组"),
    "no_subgroups": Text("The data hold no subgroups.", "数据中没有亚组信息。"),
    "undefined": Text("not defined", "无定义"),
    "range": Text("{low} to {high}", "{low} 至 {high}"),
    "interval": Text("{low} to {high} ({level} %)", "{low} 至 {high}（{level}%）"),
    "point": Text("Operating point", "工作点"),
    "threshold": Text(
        "“{finding}” is called from a calibrated probability of {threshold} on: {rule}, chosen on the validation part.",
        "校准概率达到 {threshold} 时判为“{finding}”：{rule}，在验证集上选定。",
    ),
    "most_probable": Text("The most probable class is called.", "判定为概率最高的类别。"),
    "called": Text(
        "On the {part}: of 100 samples with “{finding}”, about {hit} are called and {miss} are missed "
        "({level} % interval of the called: {low} to {high}).",
        "在{part}上：每 100 个有“{finding}”的样本中，约 {hit} 个被判出，{miss} 个漏判"
        "（判出数的 {level}% 区间：{low} 至 {high}）。",
    ),
    "false_alarm": Text(
        "On the {part}: of 100 samples without it, about {hit} are rightly not called and {miss} are called wrongly "
        "({level} % interval of the rightly not called: {low} to {high}).",
        "在{part}上：每 100 个没有该征象的样本中，约 {hit} 个被正确排除，{miss} 个误判"
        "（正确排除数的 {level}% 区间：{low} 至 {high}）。",
    ),
    "right_calls": Text(
        "On the {part}: of 100 samples that are called, about {hit} have it and {miss} do not. This holds where "
        "about "
        "{prevalence} of 100 samples have it, as there, and changes with that share.",
        "在{part}上：每 100 个被判出的样本中，约 {hit} 个确有该征象，{miss} 个没有。"
        "这一比例适用于每 100 个样本中约有 {prevalence} 个确有该征象的情形（与该部分相同），并随之改变。",
    ),
    "no_figures": Text("No report holds sensitivity and specificity.", "没有报告给出灵敏度和特异度。"),
    "planned": Text(
        "Nothing was fitted. The solver was run on published instances, with the number of moves that the "
        "recipe states.",
        "没有任何拟合。求解器在公开实例上按配方所述的移动次数运行。",
    ),
    "no_answer": Text("Intervals, and when there is no answer", "区间与弃答"),
    "abstention": Text("Calibration and abstention", "校准与弃答"),
    "calibration": Text(
        "Probabilities are calibrated on the validation part (bias-corrected temperature scaling, temperature "
        "{temperature}).",
        "概率在验证集上校准（带偏置修正的温度缩放，温度 {temperature}）。",
    ),
    "sets": Text(
        "Each answer has a prediction set: the classes that are not excluded. On data like the validation part it "
        "holds the true class in at least {coverage} of 100 samples. Where the set holds several classes or "
        "none, the "
        "service abstains and says why; a value that is missing or outside its valid range leads to what the "
        "table of "
        "inputs says, or to an abstention.",
        "每个回答都有预测集，即未被排除的类别。"
        "在与验证集相似的数据上，每 100 个样本中至少 {coverage} 个的预测集包含真实类别。"
        "若预测集含有多个类别或为空，服务弃答并说明原因；缺失的值按输入表处理，超出有效范围的值导致弃答。",
    ),
    "data": Text("Data", "数据"),
    "source": Text("{title} (`{name}`).", "{title}（`{name}`）。"),
    "synthetic": Text("The data were generated; no patient is in them.", "数据为生成数据，不含任何患者。"),
    "address": Text("Source: {url}", "来源：{url}"),
    "data_licence": Text("Licence of the data: {licence}.", "数据许可：{licence}。"),
    "citation": Text("Citation: {citation}", "引用：{citation}"),
    "digest": Text("Digest of the content (SHA-256): `{digest}`.", "内容摘要（SHA-256）：`{digest}`。"),
    "part_columns": Text("part|samples|share of each label", "部分|样本数|各类别占比"),
    "findings": Text("What the quality checks found", "质量检查的发现"),
    "finding_columns": Text("check|severity|finding|count", "检查|严重程度|发现|数量"),
    "no_findings": Text("Nothing.", "无。"),
    "allowed": Text("Overridden by the builder: {checks}.", "制作者放行的检查：{checks}。"),
    "built": Text("How it was built", "如何制作"),
    "build": Text(
        "Pack `{pack}`, estimator `{estimator}`, seed {seed}, Salus {code}.",
        "应用包 `{pack}`，估计器 `{estimator}`，随机种子 {seed}，Salus {code}。",
    ),
    "recipe": Text(
        "The same data, code, seed and recipe give the same package:",
        "相同的数据、代码、随机种子和配方得到相同的模型包：",
    ),
    "variants": Text("Variants", "变体"),
    "variant_columns": Text(
        "variant|precision|size|largest difference of an answer|loss in the main measure|interval|within tolerance",
        "变体|精度|大小|回答的最大差异|主要指标损失|区间|在容差内",
    ),
    "default": Text(
        "Differences are from float32, on the validation part. `{name}` is run unless told otherwise. Speed "
        "depends on "
        "the machine and is not recorded here.",
        "差异相对于 float32，在验证集上测得。除非另有指定，运行 `{name}`。速度取决于机器，此处不记录。",
    ),
    "yes": Text("yes", "是"),
    "no": Text("no", "否"),
    "explained": Text("How an answer is explained", "如何解释回答"),
    "goals": Text("Release goals", "发布目标"),
    "goal_columns": Text("measure|subgroup|asked of the interval's bound", "指标|亚组|对区间界限的要求"),
    "all": Text("all samples", "全部样本"),
    "at_least": Text("lower bound at least {value}", "下界不低于 {value}"),
    "at_most": Text("upper bound at most {value}", "上界不高于 {value}"),
    "no_goals": Text("The task names none.", "该任务未设目标。"),
    "status": Text("Status", "状态"),
    "stage": Text(
        "Licence of the weights: {licence}. Whether the package is a candidate, approved or retired is kept by the "
        "registry, with who decided and why. Each answer is preliminary until a person has reviewed and signed it. "
        "This card is written from the records of the build and claims no regulatory clearance.",
        "权重许可：{licence}。模型包处于候选、已批准还是已停用，由注册表记录，并载明决定者和理由。"
        "每个回答在有人审阅并签署之前都是初步的。"
        "本卡片由制作记录生成，不代表任何监管许可。",
    ),
    "stop": Text(". ", "。"),
    "comma": Text(", ", "、"),
}


def describe_rule(rule: str, language: Language) -> str:
    """A threshold rule in words; one that is not known is quoted as it is."""
    if rule in RULES:
        return RULES[rule].in_language(language)
    parts = re.fullmatch(r"(sensitivity|specificity)>=([0-9.]+)", rule)
    return AT_LEAST[parts[1]].in_language(language).format(value=parts[2]) if parts else f"`{rule}`"
