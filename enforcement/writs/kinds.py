"""What is declared of a kind of writ: how it is numbered, what can be done against it, what it rests on."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from law.citations import Citation

Pair = tuple[str, str]


class Numbering(enum.Enum):
    """How a kind of writ gets its number."""

    CASE = "case"  # the number of the case
    SERIAL = "serial"  # the number of the case and 之一, 之二 …, counted over all rulings of the case
    OBJECTION = "objection"  # the objection's own number (执异)
    OWN = "own"  # a number of its own, which its act gives; without one, the number of the case


class Remedy(enum.Enum):
    """The sentence that tells the reader what they can do (救济告知), in the writ's two languages."""

    NONE = ("", "")
    CONDUCT = (
        "如不服本裁定，可以自收到本裁定书之日起，依照《中华人民共和国民事诉讼法》第二百三十六条的规定，"
        "向本院提出书面异议；异议期间不停止执行。",
        "གཏན་འབེབས་འདིར་མི་འཐད་པ་ཡོད་ན། གཏན་འབེབས་ཡི་གེ་འདི་འབྱོར་བའི་ཉིན་ནས་བཟུང་《ཀྲུང་ཧྭ་"
        "མི་དམངས་སྤྱི་མཐུན་རྒྱལ་ཁབ་ཀྱི་དམངས་དོན་གཏུགས་བཤེར་བཅའ་ཁྲིམས》ཀྱི་"
        "དོན་ཚན་236པའི་གཏན་འབེབས་ལྟར། ཁྲིམས་ཁང་འདིར་ཡི་གེའི་ངོས་མི་ལེན་པའི་བསམ་འཆར་འདོན་ཆོག "
        "བསམ་འཆར་གྱི་དུས་ཡུན་ནང་ལག་བསྟར་མཚམས་མི་འཇོག",
    )
    NOTICE = (
        "如认为本院的执行行为违反法律规定，可以依照《中华人民共和国民事诉讼法》第二百三十六条的规定向本院提出书面异议。",
        "ཁྲིམས་ཁང་འདིའི་ལག་བསྟར་བྱ་སྤྱོད་ཁྲིམས་ལུགས་དང་འགལ་བར་བསམས་ན།《ཀྲུང་ཧྭ་མི་དམངས་སྤྱི་"
        "མཐུན་རྒྱལ་ཁབ་ཀྱི་དམངས་དོན་གཏུགས་བཤེར་བཅའ་ཁྲིམས》ཀྱི་"
        "དོན་ཚན་236པའི་གཏན་འབེབས་ལྟར་ཁྲིམས་ཁང་འདིར་ཡི་གེའི་ངོས་མི་ལེན་པའི་བསམ་འཆར་འདོན་ཆོག",
    )
    PLAN = (
        "债权人或者被执行人对本分配方案有异议的，应当自收到之日起十五日内向本院提出书面异议；逾期未提出的，本院将按本方案分配。",
        "བུ་ལོན་བདག་པོའམ་ལག་བསྟར་བྱ་ཡུལ་གྱིས་བགོ་འགྲེམས་ཇུས་གཞི་འདིར་ངོས་མི་ལེན་པའི་བསམ་འཆར་"
        "ཡོད་ན། འབྱོར་བའི་ཉིན་ནས་བཟུང་ཉིན་15ཡི་ནང་ཁྲིམས་ཁང་འདིར་"
        "ཡི་གེའི་བསམ་འཆར་འདོན་དགོས། དུས་ཡོལ་ནས་མ་བཏོན་ན་ཁྲིམས་ཁང་འདིས་ཇུས་གཞི་འདི་ལྟར་བགོ་"
        "འགྲེམས་བྱ་རྒྱུ་ཡིན།",
    )
    RECONSIDERATION = (
        "如不服本裁定，可以自本裁定书送达之日起十日内，向上一级人民法院申请复议。",
        "གཏན་འབེབས་འདིར་མི་འཐད་པ་ཡོད་ན། གཏན་འབེབས་ཡི་གེ་འདི་སྐྱེལ་སྤྲོད་བྱས་པའི་ཉིན་ནས་བཟུང་"
        "ཉིན་10ཡི་ནང་རིམ་པ་གོང་མའི་མི་དམངས་ཁྲིམས་ཁང་ལ་བསྐྱར་གྲོས་རེ་ཞུ་བྱས་ཆོག",
    )
    ACTION = (
        "案外人、当事人对本裁定不服，认为原判决、裁定错误的，依照审判监督程序办理；与原判决、裁定无关的，"
        "可以自本裁定书送达之日起十五日内向本院提起诉讼。",
        "གྱོད་གཞིའི་ཕྱི་རོལ་གྱི་མི་དང་འབྲེལ་ཡོད་མི་སྣས་གཏན་འབེབས་འདིར་མི་འཐད་པ་དང་། སྔར་གྱི་"
        "ཁྲིམས་ཐག་དང་གཏན་འབེབས་ནོར་འཁྲུལ་ཡོད་པར་བསམས་ན་ཁྲིམས་ཞིབ་ལྟ་སྐུལ་གྱི་"
        "གོ་རིམ་ལྟར་སྒྲུབ་དགོས། སྔར་གྱི་ཁྲིམས་ཐག་དང་འབྲེལ་བ་མེད་ན། གཏན་འབེབས་ཡི་གེ་འདི་སྐྱེལ་"
        "སྤྲོད་བྱས་པའི་ཉིན་ནས་བཟུང་ཉིན་15ཡི་ནང་ཁྲིམས་ཁང་འདིར་གཞི་ཞུ་བྱས་ཆོག",
    )

    SANCTION = (
        "如不服本决定，可以自收到决定书之日起三日内，向上一级人民法院申请复议一次；复议期间不停止执行。",
        "ཐག་གཅོད་འདིར་མི་འཐད་པ་ཡོད་ན། ཐག་གཅོད་ཡི་གེ་འདི་འབྱོར་བའི་ཉིན་ནས་བཟུང་ཉིན་3ཡི་ནང་རིམ་པ་གོང་"
        "མའི་མི་དམངས་ཁྲིམས་ཁང་ལ་བསྐྱར་གྲོས་རེ་ཞུ་ཐེངས་གཅིག་བྱས་ཆོག བསྐྱར་གྲོས་ཀྱི་དུས་ཡུན་ནང་ལག་བསྟར་"
        "མཚམས་མི་འཇོག",
    )

    @property
    def zh(self) -> str:
        return self.value[0]

    @property
    def bo(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Writ:
    """A kind of writ. ``template`` is a file of ``templates/writs/``."""

    code: str
    title_zh: str
    title_bo: str
    template: str
    numbering: Numbering
    basis: tuple[Citation, ...]
    remedy: Remedy = Remedy.NONE
    needs_party: bool = False
    is_ruling: bool = False  # signed by judges; a notice bears the name of the court alone
    # A third party's objection to the object has its own article and leads to an action, not to review.
    basis_of_third_party: tuple[Citation, ...] = ()
    basis_of_wage: tuple[Citation, ...] = ()
    # To an agency bound to assist: it has a receipt slip, and a copy that names accounts in full.
    to_agency: bool = False
    titles_for_banks: Pair | None = None

    def heading_for(self, data: Mapping[str, Any]) -> Pair:
        """The title one writ bears, by whom it is addressed to."""
        is_bank = data.get("agency", {}).get("kind") == "bank"
        return self.titles_for_banks if is_bank and self.titles_for_banks else (self.title_zh, self.title_bo)

    def remedy_for(self, data: Mapping[str, Any]) -> Remedy:
        """The remedy of one writ, by what it decides."""
        return Remedy.ACTION if self._is_on_third_party(data) else self.remedy

    def basis_for(self, data: Mapping[str, Any]) -> tuple[Citation, ...]:
        """The articles one writ rests on, by what it decides."""
        if self.basis_of_wage and data.get("asset", {}).get("kind") == "wage":
            return self.basis_of_wage
        return self.basis_of_third_party if self._is_on_third_party(data) else self.basis

    def _is_on_third_party(self, data: Mapping[str, Any]) -> bool:
        return bool(self.basis_of_third_party) and data.get("objection", {}).get("kind") == "third-party"
