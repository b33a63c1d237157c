package org

// Word is an entry of a fixed table, with what people call it.
type Word struct {
	ID string `json:"id"`
	Zh string `json:"zh"`
	En string `json:"en"`
}

// Kind says what sort of unit it is. Any kind may be below any other.
type Kind string

// Industry is the sector a unit works in; the first eight are those of article 2
// of the regulation on the security protection of critical information
// infrastructure. "" means that nobody has said.
type Industry string

// Operator says which legal clocks a unit has.
type Operator string

// The operator types.
const (
	CII          Operator = "cii"           // operates critical information infrastructure
	CentralOrgan Operator = "central_organ" // organ of the central Party or state
	OtherType    Operator = "other"
)

// Kinds lists the kinds of units, the widest first.
func Kinds() []Word {
	return []Word{
		{"ministry", "部委", "Ministry"},
		{"province", "省级单位", "Provincial body"},
		{"city", "地市级单位", "Municipal body"},
		{"county", "区县级单位", "County body"},
		{"group", "集团", "Group"},
		{"institution", "机构", "Institution"},
		{"branch", "分支机构", "Branch"},
		{"department", "部门", "Department"},
		{"office", "科室", "Office"},
		{"other", "其他", "Other"},
	}
}

// Industries lists the sectors.
func Industries() []Word {
	return []Word{
		{"telecom", "公共通信和信息服务", "Public communication and information services"},
		{"energy", "能源", "Energy"},
		{"transport", "交通", "Transport"},
		{"water", "水利", "Water conservancy"},
		{"finance", "金融", "Finance"},
		{"public_service", "公共服务", "Public services"},
		{"e_government", "电子政务", "E-government"},
		{"defence", "国防科技工业", "Defence science and technology"},
		{"education", "教育", "Education"},
		{"health", "卫生健康", "Health"},
		{"research", "科研", "Research"},
		{"media", "广播电视和新闻", "Broadcasting and news"},
		{"manufacturing", "制造业", "Manufacturing"},
		{"other", "其他", "Other"},
	}
}

// Operators lists the operator types.
func Operators() []Word {
	return []Word{
		{string(CII), "关键信息基础设施运营者", "Operator of critical information infrastructure"},
		{string(CentralOrgan), "中央和国家机关", "Central organ"},
		{string(OtherType), "其他网络运营者", "Other network operator"},
	}
}

// find returns the entry that is called so, by id or by either name.
func find(words []Word, text string) (string, bool) {
	for _, w := range words {
		if text == w.ID || text == w.Zh || fold(text) == fold(w.En) {
			return w.ID, true
		}
	}
	return "", false
}

func known(words []Word, id string) bool {
	found, ok := find(words, id)
	return ok && found == id
}
