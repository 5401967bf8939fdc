"""Invented names, in Chinese and Tibetan."""

import random

# Tibetan given names as written in Chinese, and in Tibetan.
TIBETAN = [
    ("扎西", "བཀྲ་ཤིས།"),
    ("卓玛", "སྒྲོལ་མ།"),
    ("次仁", "ཚེ་རིང་།"),
    ("旦增", "བསྟན་འཛིན།"),
    ("格桑", "སྐལ་བཟང་།"),
    ("旺堆", "དབང་འདུས།"),
    ("白玛", "པདྨ།"),
    ("德吉", "བདེ་སྐྱིད།"),
    ("尼玛", "ཉི་མ།"),
    ("达瓦", "ཟླ་བ།"),
    ("普布", "ཕུར་བུ།"),
    ("巴桑", "པ་སངས།"),
    ("拉姆", "ལྷ་མོ།"),
    ("索朗", "བསོད་ནམས།"),
    ("洛桑", "བློ་བཟང་།"),
    ("央金", "དབྱངས་ཅན།"),
    ("平措", "ཕུན་ཚོགས།"),
    ("仁增", "རིག་འཛིན།"),
]
# The heavenly stems mark every name as invented, as court examples do.
MARKS = "甲乙丙丁戊己庚辛壬癸"
SURNAMES = ["李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"]
GIVEN = ["某", "某某"]
COMPANIES = [
    ("雪域{}商贸有限公司", "གངས་ལྗོངས་{}ཚོང་ལས་ཚད་ཡོད་ཀུང་སི།"),
    ("高原{}建筑有限公司", "མཐོ་སྒང་{}འཛུགས་སྐྲུན་ཚད་ཡོད་ཀུང་སི།"),
    ("拉河{}运输有限公司", "སྐྱིད་ཆུ་{}སྐྱེལ་འདྲེན་ཚད་ཡོད་ཀུང་སི།"),
    ("青稞{}食品有限公司", "ནས་{}ཟས་རིགས་ཚད་ཡོད་ཀུང་སི།"),
    ("牦牛{}旅游有限公司", "གཡག་{}ཡུལ་སྐོར་ཚད་ཡོད་ཀུང་སི།"),
]
COMPANY_MARKS = [("一", "དང་པོ་"), ("二", "གཉིས་པ་"), ("三", "གསུམ་པ་"), ("四", "བཞི་པ་"), ("五", "ལྔ་པ་")]
CAUSES = [
    "买卖合同纠纷",
    "民间借贷纠纷",
    "劳动争议",
    "建设工程施工合同纠纷",
    "机动车交通事故责任纠纷",
    "房屋租赁合同纠纷",
    "抚养费纠纷",
    "金融借款合同纠纷",
]
STREETS = ["示例北路", "示例中路", "示例东路", "示例西路"]


def person_name(chance: random.Random) -> tuple[str, str, str]:
    """A person's name in Chinese and Tibetan, and the language they are served in."""
    if chance.random() < 0.7:
        chinese, tibetan = chance.choice(TIBETAN)
        return chinese + chance.choice(MARKS), tibetan, "bo" if chance.random() < 0.6 else "zh-hans"
    return chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(MARKS), "", "zh-hans"


def company_name(chance: random.Random) -> tuple[str, str]:
    """A company's name in Chinese and Tibetan."""
    chinese, tibetan = chance.choice(COMPANIES)
    mark, mark_bo = chance.choice(COMPANY_MARKS)
    return chinese.format(mark), tibetan.format(mark_bo)
