"""The question: which timetable of admissions, rooms, theatres and nurses costs least?

Problem, costs and names are those of the Integrated Healthcare Timetabling Competition 2024
(https://ihtc2024.github.io).
"""

from __future__ import annotations

from salus.contracts.planning import CostTerm, Planning, planning_inputs, planning_outputs
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Signature
from salus.contracts.text import LocalizedText

QUESTION = Planning(
    formats=("ihtc2024",),
    costs=(
        CostTerm(name="RoomAgeMix", title=LocalizedText("age groups mixed in a room", "病房年龄混住")),
        CostTerm(name="RoomSkillLevel", title=LocalizedText("nurses less skilled than needed", "护士技能不足")),
        CostTerm(name="ContinuityOfCare", title=LocalizedText("different nurses per patient", "护理连续性")),
        CostTerm(name="ExcessiveNurseWorkload", title=LocalizedText("excessive workload of nurses", "护士超负荷")),
        CostTerm(name="OpenOperatingTheater", title=LocalizedText("open theatres", "开放手术室")),
        CostTerm(name="SurgeonTransfer", title=LocalizedText("surgeons between theatres", "外科医生转台")),
        CostTerm(name="PatientDelay", title=LocalizedText("days of waiting", "入院延迟")),
        CostTerm(name="ElectiveUnscheduledPatients", title=LocalizedText("patients left for later", "留待以后的患者")),
    ),
    time_limit_s=600.0,
)

TASK = Task(
    name="timetable",
    title=LocalizedText("Which timetable of this hospital costs least?", "该医院怎样排程代价最低？"),
    question=QUESTION,
    signature=Signature(inputs=planning_inputs(), outputs=planning_outputs(QUESTION)),
    intended_use=LocalizedText(
        "A proposal for those who plan admissions, beds, theatres and nurses of one to a few weeks, and its repair "
        "when a day goes otherwise. A person reads it, changes it and answers for it.",
        "为负责安排入院、床位、手术室和护士的人员提供一周至数周的排程建议，并在当日情况变化时修复排程。由人员审阅、修改并负责。",
    ),
    limits=LocalizedText(
        "It knows what the instance says and nothing else: no urgency, no infection, no consent, no law on working "
        "hours. The order of surgeries within a day is not planned, and stays are taken as certain. Costs are weights "
        "that somebody chose; a cheaper plan is not a better one for a patient. It must not decide who is treated.",
        "它只了解实例中的内容：不了解紧急程度、感染、知情同意和劳动法规。当日手术的先后顺序不在排程之内，住院天数视为确定。"
        "代价是人为设定的权重，代价较低不等于对患者更好。不得用于决定谁接受治疗。",
    ),
    goals=(
        Goal(measure="violations", at_most=0.0),
        Goal(measure="solved", at_least=0.75),
        Goal(measure="gap", at_most=0.15),
    ),
)
